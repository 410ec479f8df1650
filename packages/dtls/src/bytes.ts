import { refuse } from "./alerts.js";

/** Reads the fields of one message; what does not fit ends the handshake with `decode_error`. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  uint(width: 1 | 2 | 3): number {
    return this.bytes(width).readUIntBE(0, width);
  }

  bytes(length: number): Buffer {
    if (length > this.remaining) throw refuse("decode_error", "a message is shorter than it says");
    const start = this.#at;
    this.#at += length;
    return this.#bytes.subarray(start, this.#at);
  }

  /** RFC 5246 section 4.3: a vector after a length of `width` bytes. */
  vector(width: 1 | 2 | 3): Buffer {
    return this.bytes(this.uint(width));
  }

  rest(): Buffer {
    return this.bytes(this.remaining);
  }

  end(): void {
    if (this.remaining > 0) throw refuse("decode_error", "a message is longer than it says");
  }
}

/** A vector of 16-bit numbers. */
export function readUint16s(list: Buffer): number[] {
  if (list.length % 2 !== 0) throw refuse("decode_error", "half a number at the end of a list");
  return Array.from({ length: list.length / 2 }, (_, index) => list.readUInt16BE(2 * index));
}

export function uint(width: 1 | 2 | 3 | 6, value: number): Buffer {
  const bytes = Buffer.allocUnsafe(width);
  bytes.writeUIntBE(value, 0, width);
  return bytes;
}

export function uint16s(values: readonly number[]): Buffer {
  return Buffer.concat(values.map((value) => uint(2, value)));
}

/** RFC 5246 section 4.3: a vector after its length in `width` bytes. */
export function vector(width: 1 | 2 | 3, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([uint(width, content.length), content]);
}

/** The same bytes as a Buffer, without a copy. */
export function asBuffer(bytes: Uint8Array): Buffer {
  if (Buffer.isBuffer(bytes)) return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
