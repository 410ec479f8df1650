import { ConicError } from "@conic/domain";
import { exitCodes, ExitError } from "../exit-codes.js";

/** `host:port` or a URL as the URL to dial. @throws ExitError with code 2. */
export function serverUrl(addr: string): string {
  const text = addr.includes("://") ? addr : `ws://${addr}`;
  const problem = `--addr is host:port or a ws:// URL, not "${addr}"; try --help`;
  if (!URL.canParse(text)) throw new ExitError(exitCodes.usage, problem);
  const url = new URL(text);
  if (!["ws:", "wss:"].includes(url.protocol) || url.hostname === "") {
    throw new ExitError(exitCodes.usage, problem);
  }
  if (url.pathname === "" || url.pathname === "/") url.pathname = "/ws";
  return url.href;
}

/** What went wrong before a client was registered, as an exit. */
export function startError(error: unknown, url: string): unknown {
  if (!(error instanceof ConicError)) return error;
  const help = `start it with "pnpm signal", or name another with --addr`;
  switch (error.code) {
    case "unreachable":
    case "timeout":
      return new ExitError(
        exitCodes.unreachable,
        `no signaling server at ${url}: ${error.message}; ${help}`,
      );
    case "id_taken":
      return new ExitError(exitCodes.usage, `${error.message}: choose another --id`);
    case "invalid_id":
    case "invalid_argument":
      return new ExitError(exitCodes.usage, error.message);
    default:
      return new ExitError(exitCodes.failure, error.message);
  }
}

/** What went wrong with a peer that was called, as an exit. */
export function peerError(target: string, error: unknown): unknown {
  if (!(error instanceof ConicError)) return error;
  if (error.code === "invalid_id" || error.code === "invalid_argument") {
    return new ExitError(exitCodes.usage, error.message);
  }
  const message =
    error.code === "target_not_found"
      ? `nobody is registered as ${target}: check the id, and that the peer is running`
      : error.message;
  return new ExitError(exitCodes.peer, message, { cause: error });
}
