import { ConicError, type ErrorDetails } from "@conic/domain";
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
  const help = `start it with "npx @conic/signal", or name another with --addr`;
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
    case "unauthorized":
      return unauthorizedExit(error.message, error.details);
    default:
      return new ExitError(exitCodes.failure, error.message);
  }
}

/** What the server says of a token, and what to do about it. */
function unauthorizedExit(message: string, { reason }: ErrorDetails): ExitError {
  if (reason === "token_missing") {
    const text = "the server asks for a token: give --token-file=FILE, or set CONIC_TOKEN";
    return new ExitError(exitCodes.usage, text);
  }
  const text =
    reason === "token_refused"
      ? `the server does not take the token: ${clause(message)}${renew}`
      : message;
  return new ExitError(exitCodes.failure, text);
}

/** Without the server's advice, which knows nothing of files. */
function clause(message: string): string {
  return message.replace(/;.*$/s, "");
}

const renew = "; put a new one into the --token-file, or CONIC_TOKEN";

/** Why a client that was registered is not any more, as an exit. */
export function sessionError(error: ConicError | undefined): ExitError {
  const reason = error?.message ?? "it closed the connection";
  const isToken = String(error?.details["reason"]).startsWith("token_");
  const text = `the server ended the session: ${isToken ? clause(reason) + renew : reason}`;
  return new ExitError(exitCodes.failure, text);
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
