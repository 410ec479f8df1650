import { chunkHeaderBytes, packetHeaderBytes, padded } from "./constants.js";
import { writeChecksum } from "./crc32c.js";

/** Writes one packet after the other into the same buffer. */
export class PacketWriter {
  readonly #sourcePort: number;
  destinationPort: number;
  #bytes: Uint8Array;
  #view: DataView;
  #limit: number;
  #at: number = packetHeaderBytes;

  constructor(sourcePort: number, destinationPort: number, packetBytes: number) {
    this.#sourcePort = sourcePort;
    this.destinationPort = destinationPort;
    this.#limit = packetBytes;
    this.#bytes = new Uint8Array(packetBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Largest packet from now on; not while one is being written. */
  set limit(packetBytes: number) {
    this.#limit = packetBytes;
    this.#reserve(packetBytes);
  }

  get limit(): number {
    return this.#limit;
  }

  /** Bytes that still fit. */
  get room(): number {
    return this.#limit - this.#at;
  }

  /** Bytes so far. */
  get length(): number {
    return this.#at;
  }

  get isEmpty(): boolean {
    return this.#at === packetHeaderBytes;
  }

  get view(): DataView {
    return this.#view;
  }

  /** A chunk of this length without padding; its header is written, and where its value starts is returned. */
  chunk(type: number, flags: number, length: number): number {
    const at = this.#at;
    this.#view.setUint8(at, type);
    this.#view.setUint8(at + 1, flags);
    this.#view.setUint16(at + 2, length);
    const end = at + padded(length);
    // Padding is zero (RFC 9260 section 3.2); the buffer holds the packet before.
    for (let pad = at + length; pad < end; pad += 1) this.#bytes[pad] = 0;
    this.#at = end;
    return at + chunkHeaderBytes;
  }

  bytes(at: number, source: Uint8Array, from: number, length: number): void {
    if (length === source.length) {
      this.#bytes.set(source, at);
      return;
    }
    this.#bytes.set(source.subarray(from, from + length), at);
  }

  /** A whole chunk, padded; one that alone is above the limit makes a packet above it. */
  raw(chunk: Uint8Array): void {
    this.#reserve(this.#at + chunk.length);
    this.#bytes.set(chunk, this.#at);
    this.#at += chunk.length;
  }

  /** Room for one packet that is larger than the limit: a probe. */
  overreach(packetBytes: number): void {
    this.#reserve(packetBytes);
  }

  /** Ends the packet; it is valid until the next one begins. */
  finish(verificationTag: number, checksum: boolean): Uint8Array {
    const length = this.#at;
    this.#view.setUint16(0, this.#sourcePort);
    this.#view.setUint16(2, this.destinationPort);
    this.#view.setUint32(4, verificationTag);
    if (checksum) writeChecksum(this.#view, length);
    else this.#view.setUint32(8, 0);
    this.#at = packetHeaderBytes;
    return this.#bytes.subarray(0, length);
  }

  #reserve(packetBytes: number): void {
    if (packetBytes <= this.#bytes.length) return;
    const written = this.#bytes.subarray(0, this.#at);
    this.#bytes = new Uint8Array(packetBytes);
    this.#bytes.set(written);
    this.#view = new DataView(this.#bytes.buffer);
  }
}
