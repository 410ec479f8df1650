import { ConicError } from "@conic/domain";
import { extensionBytes, writeExtensions } from "./extensions.js";
import { rtpHeaderBytes, type RtpExtension, type RtpPacketInit } from "./packet.js";

const version2 = 0x80;
const extensionBit = 0x10;
const none: readonly RtpExtension[] = [];

/**
 * The packet as bytes of its own, without contributing sources and padding.
 * @throws ConicError `invalid_argument` for an extension id or length that no form of RFC 8285 has. The numbers are cut to their width.
 */
export function writeRtp(packet: RtpPacketInit): Uint8Array {
  const extensions = packet.extensions ?? none;
  const headerBytes = rtpHeaderBytes + extensionBytes(extensions);
  const bytes = new Uint8Array(headerBytes + packet.payload.length);
  bytes[0] = extensions.length === 0 ? version2 : version2 | extensionBit;
  bytes[1] = (packet.marker === true ? 0x80 : 0) | (packet.payloadType & 0x7f);
  bytes[2] = packet.sequenceNumber >> 8;
  bytes[3] = packet.sequenceNumber;
  writeUint32(bytes, 4, packet.timestamp);
  writeUint32(bytes, 8, packet.ssrc);
  if (extensions.length > 0) {
    for (const extension of extensions) check(extension);
    writeExtensions(bytes, rtpHeaderBytes, extensions);
  }
  bytes.set(packet.payload, headerBytes);
  return bytes;
}

function check({ id, data }: RtpExtension): void {
  if (Number.isInteger(id) && id >= 1 && id <= 255 && data.length <= 255) return;
  throw new ConicError(
    "invalid_argument",
    "a header extension has an id of 1 to 255 and at most 255 bytes",
    { details: { id, bytes: data.length } },
  );
}

/** Big-endian. */
export function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
