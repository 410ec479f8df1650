import { ConicError } from "@conic/domain";

// Arguments of one call are bounded by the stack.
const chunkBytes = 0x2000;

/** Base64 of RFC 4648 section 4, with padding: the `Data` of a `data_channel` message. */
export function encodeData(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    binary += String.fromCharCode(...bytes.subarray(at, at + chunkBytes));
  }
  return btoa(binary);
}

/** @throws ConicError `invalid_message` when `text` is not base64 with padding. */
export function decodeData(text: string): Uint8Array {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    throw new ConicError(
      "invalid_message",
      "Data must be base64 (RFC 4648 section 4) with padding",
    );
  }
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}
