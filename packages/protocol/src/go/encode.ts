import { Frame, type ClientId } from "@conic/domain";
import { requireOwnId } from "../v1/forward.js";
import { encodeMessage } from "../v1/encode.js";
import type { Decoded, Message, RelayMessage, ServerMessage } from "../v1/messages.js";
import type { GoMessage } from "./messages.js";
import { refusalToGo, toGo } from "./translate.js";

/** In the order in which Go writes it. */
function frameOf({ id = "", type, data }: GoMessage, at: Date): Frame {
  return Frame.fromText(JSON.stringify({ id, type, timestamp: at.toISOString(), data }));
}

/** The frame of a message of `conic.v1` in the Go dialect, sent at `at`; undefined when it has no words for it. */
export function encodeGoMessage(message: Message, at: Date): Frame | undefined {
  const translated = toGo(message);
  return translated === undefined ? undefined : frameOf(translated, at);
}

/** What the sender of a `register_request` or `unregister_request` is told that failed: its response. */
export function encodeGoRefusal(
  request: Parameters<typeof refusalToGo>[0],
  error: ServerMessage<"error">,
  at: Date,
): Frame {
  return frameOf(refusalToGo(request, error), at);
}

/** Who the target of a message is to the sender: a client of the Go dialect, or another. */
export type ForwardTo = "go" | "conic.v1";

/**
 * The frame for the target of what {@link decodeGoClientMessage} decoded (rule 1). To another Go client, it is the very
 * frame that arrived when `from_id` is the sender's; when it is missing, a new one, of the known fields.
 * @throws ConicError `forbidden` when `from_id` is somebody else's.
 */
export function forwardGoFrame(
  { message, frame }: Decoded<RelayMessage>,
  senderId: ClientId,
  to: ForwardTo,
  at: Date,
): Frame {
  const { ID } = message.body;
  requireOwnId(ID, senderId);
  if (to === "go" && ID !== undefined) return frame;
  const stamped = { ...message, body: { ...message.body, ID: senderId } } as RelayMessage;
  const translated = to === "go" ? encodeGoMessage(stamped, at) : undefined;
  return translated ?? encodeMessage(stamped);
}
