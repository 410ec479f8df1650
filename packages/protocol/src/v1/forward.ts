import { ConicError, Frame, type ClientId, type Delivery } from "@conic/domain";
import { findStringValue } from "../json/scan.js";
import type { Decoded, RelayMessage } from "./messages.js";

/**
 * Rule 1, for whatever names a sender: an `ID` is missing or the connection's own.
 * @throws ConicError `forbidden` when it is another.
 */
export function requireOwnId(claimed: ClientId | undefined, ownId: ClientId): void {
  if (claimed === undefined || claimed === ownId) return;
  throw new ConicError(
    "forbidden",
    "ID is not the id you registered; send your own or leave it out",
  );
}

/**
 * Puts the sender's id into `raw`, in the text: numbers beyond double precision, the order and spacing of unknown
 * fields stay as they were sent. The body has a TargetID, so there is a member to put the comma before.
 */
function stamp(text: string, senderId: ClientId): string {
  const token = findStringValue(text, "raw");
  if (token === undefined) {
    throw new ConicError("invalid_argument", "the frame is not the one that was decoded");
  }
  const raw = JSON.parse(text.slice(token.start, token.end)) as string;
  const at = raw.indexOf("{") + 1;
  const stamped = `${raw.slice(0, at)}"ID":${JSON.stringify(senderId)},${raw.slice(at)}`;
  return text.slice(0, token.start) + JSON.stringify(stamped) + text.slice(token.end);
}

/**
 * The frame for the target (rule 1): the very frame that arrived when `ID` is the sender's, a stamped one when it
 * is missing. Decoding has refused frames in which another parser could find a second `ID`.
 * @throws ConicError `forbidden` when `ID` is somebody else's.
 */
export function forwardFrame(decoded: Decoded<RelayMessage>, senderId: ClientId): Frame {
  const { ID: claimed } = decoded.head ?? decoded.message.body;
  requireOwnId(claimed, senderId);
  if (claimed !== undefined) return decoded.frame;
  return Frame.fromText(stamp(decoded.frame.text, senderId));
}

/** What to tell the sender about a delivery (rules 3 and 5): undefined when the frame is on its way. */
export function deliveryError(
  delivery: Delivery,
  targetId: ClientId,
): ConicError<"target_not_found"> | undefined {
  if (delivery.status !== "undeliverable") return undefined;
  return new ConicError("target_not_found", "nobody holds the target id; try when it registers", {
    details: { targetId, reason: delivery.reason },
  });
}
