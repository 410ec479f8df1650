// Rewrites the addresses in signals. Every contender is given the same single path: UDP over 127.0.0.1, or the relay.
/** @import { Signal } from "@conic/domain" */

const candidateLine =
  /^(?<head>(?:a=)?candidate:\S+ \d+ udp \d+) (?<address>\S+) (?<port>\d+) (?<tail>typ host.*)$/i;
const host = "127.0.0.1";

/**
 * @param {string} line
 * @param {(port: number) => number | undefined} replace the port to tell the remote instead of this one
 */
function rewriteLine(line, replace) {
  const { head, address, port, tail } = candidateLine.exec(line)?.groups ?? {};
  if (address !== host) return undefined;
  const replaced = replace(Number(port));
  return replaced === undefined ? undefined : `${head} ${host} ${replaced} ${tail}`;
}

/**
 * The signal with candidates of 127.0.0.1 alone; undefined when nothing is left of it.
 *
 * @param {Signal} signal
 * @param {(port: number) => number | undefined} replace
 * @returns {Signal | undefined}
 */
export function rewriteSignal(signal, replace) {
  if (signal.kind === "candidate") {
    const { candidate } = signal.candidate;
    if (candidate === "") return signal;
    const rewritten = rewriteLine(candidate, replace);
    if (rewritten === undefined) return undefined;
    return { kind: "candidate", candidate: { ...signal.candidate, candidate: rewritten } };
  }
  const lines = signal.description.sdp.split("\r\n").flatMap((line) => {
    if (!line.startsWith("a=candidate:")) return [line];
    return rewriteLine(line, replace) ?? [];
  });
  return {
    kind: "description",
    description: { ...signal.description, sdp: lines.join("\r\n") },
  };
}
