import { ConicError } from "@conic/domain";
import { exitCodes, ExitError, type FlagValues } from "@conic/internal-cli";

export const flags = {
  role: {
    type: "string",
    choices: ["offer", "answer"],
    help: "offer: ask for a target and call it; answer: wait to be called; none: prompt",
  },
  addr: {
    type: "string",
    default: "localhost:3000",
    env: "CONIC_ADDR",
    placeholder: "HOST:PORT",
    help: "Signaling server: host:port, or a ws:// or wss:// URL",
  },
  id: {
    type: "string",
    env: "CONIC_ID",
    help: "The id to ask for; without it the server assigns one",
  },
  target: { type: "string", placeholder: "ID", help: "Call this peer at once" },
  send: { type: "string", help: "Send one message to --target, then leave" },
  channel: {
    type: "string",
    default: "chat",
    placeholder: "LABEL",
    help: "Label of the first channel",
  },
  "ice-server": {
    type: "string",
    env: "CONIC_ICE_SERVER",
    placeholder: "URL[,URL]",
    help: "STUN and TURN servers beside those of the server; may be repeated. turn:user:password@host:3478",
  },
  timeout: {
    type: "number",
    default: 15,
    min: 1,
    max: 600,
    placeholder: "SECONDS",
    help: "How long a call may take to connect",
  },
  json: { type: "boolean", help: "One JSON event a line on stdout, text for people on stderr" },
  "log-level": {
    type: "string",
    default: "silent",
    choices: ["debug", "info", "warn", "error", "silent"],
    help: "Log to stderr",
  },
} as const;

export type Options = FlagValues<typeof flags>;

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

/** What went wrong before the chat began, as an exit. */
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
