// Two processes whose signals the parent carries; each has UDP over 127.0.0.1 as its only path.
import { rewriteSignal } from "../datachannel/candidates.mjs";
import { withServing } from "../rpc.mjs";

/** @import { ChildProcess } from "node:child_process" */
/** @import { Signal } from "@conic/domain" */

/** @param {ChildProcess} from @param {ChildProcess} to */
function carry(from, to) {
  from.on("message", (message) => {
    if (typeof message !== "object" || !("signal" in message)) return;
    const { id, signal } = /** @type {{ id: number, signal: Signal }} */ (message);
    const rewritten = rewriteSignal(signal, (port) => port);
    if (rewritten !== undefined && to.connected) to.send({ id, signal: rewritten });
  });
}

/**
 * @template T
 * @param {string} file beside rpc.mjs
 * @param {readonly [sender: readonly string[], receiver: readonly string[]]} args
 * @param {(sender: ChildProcess, receiver: ChildProcess) => Promise<T>} use
 * @returns {Promise<T>}
 */
export function withMediaPair(file, [sent, received], use) {
  const programs = [
    { file, args: sent },
    { file, args: received },
  ];
  return withServing(programs, ([sender, receiver]) => {
    if (sender === undefined || receiver === undefined) throw new Error("a process is missing");
    carry(sender, receiver);
    carry(receiver, sender);
    return use(sender, receiver);
  });
}
