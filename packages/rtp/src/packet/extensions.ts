import type { RtpExtension, RtpExtensions } from "./packet.js";

/** RFC 8285 section 4.2. */
const oneByteProfile = 0xbede;
/** RFC 8285 section 4.3; the lower four bits are the application's. */
const twoByteProfile = 0x1000;
/** RFC 8285 section 4.2: ends the elements. */
const stopId = 15;

export const extensionHeaderBytes = 4;
export const noExtensions: RtpExtensions = new Map();

/** The elements in `bytes[from..to)`; what does not fit, and everything after it, is left out. */
export function readExtensions(
  bytes: Uint8Array,
  profile: number,
  from: number,
  to: number,
): RtpExtensions {
  if (profile === oneByteProfile) return readElements(bytes, from, to, 1);
  if ((profile & 0xfff0) === twoByteProfile) return readElements(bytes, from, to, 2);
  return noExtensions;
}

function readElements(bytes: Uint8Array, from: number, to: number, form: 1 | 2): RtpExtensions {
  const found = new Map<number, Uint8Array>();
  let at = from;
  while (at < to) {
    const first = bytes[at] as number;
    // Padding: a byte of zero, in either form.
    if (first === 0) {
      at += 1;
      continue;
    }
    if (at + form > to) break;
    const id = form === 1 ? first >> 4 : first;
    // Id 0 with a length ends the elements as well.
    if (form === 1 && (id === 0 || id === stopId)) break;
    const length = form === 1 ? (first & 0x0f) + 1 : (bytes[at + 1] as number);
    const start = at + form;
    if (start + length > to) break;
    if (!found.has(id)) found.set(id, bytes.subarray(start, start + length));
    at = start + length;
  }
  return found;
}

/** RFC 8285 section 4.1.2: a packet has one form; one element that needs the longer decides for all. */
function formOf(extensions: readonly RtpExtension[]): 1 | 2 {
  for (const { id, data } of extensions) {
    if (id >= stopId || data.length === 0 || data.length > 16) return 2;
  }
  return 1;
}

/** Bytes that {@link writeExtensions} writes, its own header among them. */
export function extensionBytes(extensions: readonly RtpExtension[]): number {
  if (extensions.length === 0) return 0;
  const form = formOf(extensions);
  let length = 0;
  for (const { data } of extensions) length += form + data.length;
  return extensionHeaderBytes + ((length + 3) & ~3);
}

/** Writes to zeroed bytes, for the padding's sake. */
export function writeExtensions(
  bytes: Uint8Array,
  at: number,
  extensions: readonly RtpExtension[],
): void {
  const form = formOf(extensions);
  const profile = form === 1 ? oneByteProfile : twoByteProfile;
  const words = (extensionBytes(extensions) - extensionHeaderBytes) >> 2;
  bytes[at] = profile >> 8;
  bytes[at + 1] = profile & 0xff;
  bytes[at + 2] = words >> 8;
  bytes[at + 3] = words & 0xff;
  let to = at + extensionHeaderBytes;
  for (const { id, data } of extensions) {
    if (form === 1) {
      bytes[to] = (id << 4) | (data.length - 1);
    } else {
      bytes[to] = id;
      bytes[to + 1] = data.length;
    }
    bytes.set(data, to + form);
    to += form + data.length;
  }
}
