/** Where to register, and as whom: the same for every client. */
export const serverFlags = {
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
  "token-file": {
    type: "string",
    env: "CONIC_TOKEN_FILE",
    placeholder: "FILE",
    help: "Token for a server that asks for one, read again at each use; CONIC_TOKEN may hold the token itself",
  },
} as const;

/** How to call, and what to tell of it. */
export const callFlags = {
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
