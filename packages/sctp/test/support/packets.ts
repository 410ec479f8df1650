/**
 * Reads and writes SCTP packets by the letter of RFC 9260, with nothing of `src`: what both sides of a test share
 * cannot find a fault of itself.
 */

export interface Chunk {
  readonly type: number;
  readonly flags: number;
  readonly value: Uint8Array;
}

export interface Packet {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly tag: number;
  readonly checksum: number;
  readonly chunks: readonly Chunk[];
}

export const types = {
  data: 0,
  init: 1,
  initAck: 2,
  sack: 3,
  heartbeat: 4,
  heartbeatAck: 5,
  abort: 6,
  shutdown: 7,
  shutdownAck: 8,
  error: 9,
  cookieEcho: 10,
  cookieAck: 11,
  shutdownComplete: 14,
  iData: 64,
  reconfig: 130,
  pad: 132,
  forwardTsn: 192,
  iForwardTsn: 194,
} as const;

const headerBytes = 12;
const padded = (length: number): number => Math.ceil(length / 4) * 4;

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1)
    crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0x82_f6_3b_78;
  return crc >>> 0;
});

/** CRC32c, byte by byte. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xff_ff_ff_ff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (crcTable[(crc ^ byte) & 0xff] ?? 0);
  return ~crc >>> 0;
}

/** The same packet with the checksum that its bytes have. */
export function withChecksum(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  if (copy.length < headerBytes) return copy;
  const view = new DataView(copy.buffer);
  view.setUint32(8, 0);
  view.setUint32(8, crc32c(copy), true);
  return copy;
}

export interface Header {
  readonly tag: number;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
}

export function packet(header: Header, ...chunks: readonly Uint8Array[]): Uint8Array {
  const start = new Uint8Array(headerBytes);
  const view = new DataView(start.buffer);
  view.setUint16(0, header.sourcePort ?? 5000);
  view.setUint16(2, header.destinationPort ?? 5000);
  view.setUint32(4, header.tag);
  return withChecksum(concat(start, ...chunks));
}

export function chunk(type: number, flags: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const value = concat(...parts);
  const bytes = new Uint8Array(padded(4 + value.length));
  const view = new DataView(bytes.buffer);
  view.setUint8(0, type);
  view.setUint8(1, flags);
  view.setUint16(2, 4 + value.length);
  bytes.set(value, 4);
  return bytes;
}

export function parameter(type: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return chunk(type >> 8, type & 0xff, ...parts);
}

export function u16(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(2 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => view.setUint16(2 * index, value));
  return bytes;
}

export function u32(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => view.setUint32(4 * index, value));
  return bytes;
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** undefined for what is no packet, or has a chunk that does not end within it. */
export function readPacket(bytes: Uint8Array): Packet | undefined {
  if (bytes.length < headerBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Chunk[] = [];
  let at = headerBytes;
  while (at + 4 <= bytes.length) {
    const length = view.getUint16(at + 2);
    if (length < 4 || at + length > bytes.length) return undefined;
    chunks.push({
      type: view.getUint8(at),
      flags: view.getUint8(at + 1),
      value: bytes.subarray(at + 4, at + length),
    });
    at += padded(length);
  }
  return {
    sourcePort: view.getUint16(0),
    destinationPort: view.getUint16(2),
    tag: view.getUint32(4),
    checksum: view.getUint32(8, true),
    chunks,
  };
}

/** The parameters in the value of a chunk, from an offset on. */
export function readParameters(
  value: Uint8Array,
  from: number,
): { type: number; value: Uint8Array }[] {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const found: { type: number; value: Uint8Array }[] = [];
  let at = from;
  while (at + 4 <= value.length) {
    const length = view.getUint16(at + 2);
    if (length < 4) break;
    found.push({ type: view.getUint16(at), value: value.subarray(at + 4, at + length) });
    at += padded(length);
  }
  return found;
}

export function readU16(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint16(at);
}

export function readU32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at);
}

/** Whether a packet has a chunk of this type: for paths that drop by kind. */
export function carries(bytes: Uint8Array, type: number): boolean {
  return readPacket(bytes)?.chunks.some((one) => one.type === type) ?? false;
}
