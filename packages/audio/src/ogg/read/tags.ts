import { invalidData } from "../../errors.js";
import { startsWith } from "../head.js";

/** One comment, such as `TITLE=…`; names may occur more than once. */
export interface OggTag {
  readonly name: string;
  readonly value: string;
}

export interface OpusTags {
  /** What made the file. */
  readonly vendor: string;
  readonly tags: readonly OggTag[];
}

const magic = "OpusTags";

/**
 * The comment header (RFC 7845 section 5.2).
 * @param offset of the page where it ends
 * @throws ConicError `invalid_data`
 */
export function parseTags(packet: Uint8Array, offset: number): OpusTags {
  if (!startsWith(packet, magic)) throw invalidData(offset, "no OpusTags after OpusHead");
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const text = new TextDecoder();
  let at = magic.length;
  const uint32 = (): number => {
    if (at + 4 > packet.length) throw invalidData(offset, "OpusTags is cut off");
    at += 4;
    return view.getUint32(at - 4, true);
  };
  const string = (): string => {
    const length = uint32();
    if (length > packet.length - at) throw invalidData(offset, "OpusTags is cut off");
    at += length;
    return text.decode(packet.subarray(at - length, at));
  };
  const vendor = string();
  const tags: OggTag[] = [];
  for (let count = uint32(); count > 0; count -= 1) {
    const comment = string();
    const equals = comment.indexOf("=");
    // Not a comment then, but no reason to give up the music.
    if (equals < 0) continue;
    tags.push({ name: comment.slice(0, equals).toUpperCase(), value: comment.slice(equals + 1) });
  }
  return { vendor, tags };
}

/** A comment header that says nothing. */
export const emptyTags: Uint8Array = Uint8Array.from([
  ...new TextEncoder().encode(magic),
  ...new Uint8Array(8),
]);
