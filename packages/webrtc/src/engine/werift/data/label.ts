import { ConicError } from "@conic/domain";

/**
 * werift 0.25.2 announces a label by its number of UTF-16 units but writes its UTF-8 bytes, so that "日本語" arrives
 * as "日". Zero bytes behind the label make the two numbers equal; the receiver reads the right bytes and ignores
 * the rest. That moves the protocol field, so a channel with both is refused.
 */
export function wireLabel(label: string, protocol: string): string {
  const bytes = Buffer.byteLength(label, "utf8");
  if (Buffer.byteLength(protocol, "utf8") !== protocol.length) {
    throw new ConicError("unsupported", "the protocol of a data channel must be ASCII");
  }
  if (bytes === label.length) return label;
  if (protocol !== "") {
    throw new ConicError("unsupported", "a data channel with a protocol needs a label in ASCII");
  }
  return label + "\0".repeat(bytes - label.length);
}
