import { chunkHeaderBytes, packetHeaderBytes, padded } from "./constants.js";
import { packetChecksum, readChecksum } from "./crc32c.js";
import { viewOf } from "./parameters.js";

/** A packet whose header was read; its chunks are walked with `next`. */
export class PacketReader {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  #at: number = packetHeaderBytes;
  type = 0;
  flags = 0;
  at = 0;
  length = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = viewOf(bytes);
  }

  get sourcePort(): number {
    return this.view.getUint16(0);
  }

  get destinationPort(): number {
    return this.view.getUint16(2);
  }

  get tag(): number {
    return this.view.getUint32(4);
  }

  /** Whether the checksum is right, or absent where that is allowed (RFC 9653). */
  hasChecksum(mayBeAbsent: boolean): boolean {
    const checksum = readChecksum(this.view);
    if (checksum === 0 && mayBeAbsent) return true;
    return packetChecksum(this.view, this.bytes.length) === checksum;
  }

  /** The value of the present chunk; a view. */
  get value(): Uint8Array {
    return this.bytes.subarray(this.at, this.at + this.length);
  }

  /** The present chunk, header and all. */
  get whole(): Uint8Array {
    return this.bytes.subarray(this.at - chunkHeaderBytes, this.at + this.length);
  }

  /** Whether another chunk follows the present one. */
  get hasMore(): boolean {
    return this.#at + chunkHeaderBytes <= this.bytes.length;
  }

  /** Goes to the next chunk; false at the end, or at one that is malformed: a length below 4 would never end. */
  next(): boolean {
    const start = this.#at;
    if (start + chunkHeaderBytes > this.bytes.length) return false;
    const length = this.view.getUint16(start + 2);
    if (length < chunkHeaderBytes || start + length > this.bytes.length) return false;
    this.type = this.view.getUint8(start);
    this.flags = this.view.getUint8(start + 1);
    this.at = start + chunkHeaderBytes;
    this.length = length - chunkHeaderBytes;
    this.#at = start + padded(length);
    return true;
  }
}

export function isPacket(bytes: Uint8Array): boolean {
  return bytes.length >= packetHeaderBytes + chunkHeaderBytes;
}
