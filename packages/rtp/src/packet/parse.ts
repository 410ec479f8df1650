import { extensionHeaderBytes, noExtensions, readExtensions } from "./extensions.js";
import { rtpHeaderBytes, type RtpExtensions, type RtpPacket } from "./packet.js";

const version = 2;
const paddingBit = 0x20;
const extensionBit = 0x10;

/**
 * Where the payload of an RTP packet begins: after header, contributing sources and extension. Undefined when the
 * bytes are not of RTP version 2, or too few.
 */
export function rtpPayloadStart(bytes: Uint8Array): number | undefined {
  if (bytes.length < rtpHeaderBytes) return undefined;
  const first = bytes[0] as number;
  if (first >> 6 !== version) return undefined;
  let start = rtpHeaderBytes + 4 * (first & 0x0f);
  if ((first & extensionBit) !== 0) {
    if (start + extensionHeaderBytes > bytes.length) return undefined;
    const words = ((bytes[start + 2] as number) << 8) | (bytes[start + 3] as number);
    start += extensionHeaderBytes + 4 * words;
  }
  return start <= bytes.length ? start : undefined;
}

/** Where the payload ends: before the padding. Undefined when there would be more padding than payload. */
function payloadEnd(bytes: Uint8Array, start: number): number | undefined {
  if (((bytes[0] as number) & paddingBit) === 0) return bytes.length;
  const padding = bytes.length > start ? (bytes[bytes.length - 1] as number) : 0;
  // The count counts itself (RFC 3550 section 5.1).
  return padding === 0 || padding > bytes.length - start ? undefined : bytes.length - padding;
}

function extensionsOf(bytes: Uint8Array, payloadStart: number): RtpExtensions {
  const first = bytes[0] as number;
  if ((first & extensionBit) === 0) return noExtensions;
  const at = rtpHeaderBytes + 4 * (first & 0x0f);
  const profile = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
  return readExtensions(bytes, profile, at + extensionHeaderBytes, payloadStart);
}

/** The packet in `bytes`, as views of them; undefined when they are not RTP. Tell RTCP apart first: {@link isRtcp}. */
export function parseRtp(bytes: Uint8Array): RtpPacket | undefined {
  const start = rtpPayloadStart(bytes);
  if (start === undefined) return undefined;
  const end = payloadEnd(bytes, start);
  if (end === undefined) return undefined;
  const second = bytes[1] as number;
  return {
    marker: second > 0x7f,
    payloadType: second & 0x7f,
    sequenceNumber: ((bytes[2] as number) << 8) | (bytes[3] as number),
    timestamp: readUint32(bytes, 4),
    ssrc: readUint32(bytes, 8),
    extensions: extensionsOf(bytes, start),
    headerBytes: start,
    payload: bytes.subarray(start, end),
  };
}

/** Big-endian; the caller has checked that the bytes are there. */
export function readUint32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}
