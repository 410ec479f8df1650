import { Frame } from "@conic/domain";
import type { Message } from "./messages.js";

/** The frame of a message. A `register` that asks for nothing has no `raw`, as documented. */
export function encodeMessage(message: Message): Frame {
  const { type, id, body } = message;
  const raw = JSON.stringify(body);
  // JSON.stringify leaves out what is undefined. Only types that may come without `raw` have empty bodies.
  return Frame.fromText(JSON.stringify({ type, raw: raw === "{}" ? undefined : raw, id }));
}
