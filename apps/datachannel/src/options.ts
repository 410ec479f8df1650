import type { FlagValues } from "@conic/internal-cli";

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
  room: {
    type: "string",
    placeholder: "NAME",
    help: "Join this room: chat with all who are in it",
  },
  send: { type: "string", help: "Send one message to --target or --room, then leave" },
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
