import { headerBytes } from "./header.js";

const version2 = 0x80;
const initialBytes = 256;

/** Writes one packet after the other into a buffer that grows. */
export class RtcpWriter {
  #bytes = new Uint8Array(initialBytes);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;
  #start = 0;

  begin(type: number, count: number): void {
    this.#start = this.#at;
    this.uint8(version2 | count);
    this.uint8(type);
    this.uint16(0);
  }

  /** Ends the packet: its length counts words without the first. */
  end(): void {
    this.#view.setUint16(this.#start + 2, (this.#at - this.#start - headerBytes) / 4);
  }

  uint8(value: number): void {
    this.#reserve(1);
    this.#view.setUint8(this.#at, value);
    this.#at += 1;
  }

  uint16(value: number): void {
    this.#reserve(2);
    this.#view.setUint16(this.#at, value);
    this.#at += 2;
  }

  uint32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#at, value);
    this.#at += 4;
  }

  bytes(source: Uint8Array): void {
    this.#reserve(source.length);
    this.#bytes.set(source, this.#at);
    this.#at += source.length;
  }

  /** Zeros, one at least, up to a multiple of four. */
  terminate(): void {
    do this.uint8(0);
    while (this.#at % 4 !== 0);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#at);
  }

  #reserve(length: number): void {
    if (this.#at + length <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#at + length));
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
