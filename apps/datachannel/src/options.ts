import { callFlags, serverFlags, type FlagValues } from "@conic/internal-cli";

const roleFlags = {
  role: {
    type: "string",
    choices: ["offer", "answer"],
    help: "offer: ask for a target and call it; answer: wait to be called; none: prompt",
  },
} as const;

const chatFlags = {
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
} as const;

type ChatFlags = typeof roleFlags & typeof serverFlags & typeof chatFlags & typeof callFlags;

export const flags: ChatFlags = { ...roleFlags, ...serverFlags, ...chatFlags, ...callFlags };

export type Options = FlagValues<ChatFlags>;
