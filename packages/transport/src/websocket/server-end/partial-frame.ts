/** Bytes of a header that say how long it is. */
const firstBytes = 2;

/** Of the header of a client's frame, its mask included, by the second byte of it (RFC 6455 section 5.2). */
export function headerBytes(second: number): number {
  const short = second & 0x7f;
  if (short < 126) return 6;
  return short === 126 ? 8 : 14;
}

/** As the header at `at` says, which is there as far as the mask. Inexact above 2^53, which no limit allows. */
export function payloadBytes(buffer: Buffer, at: number): number {
  const short = (buffer[at + 1] ?? 0) & 0x7f;
  if (short < 126) return short;
  if (short === 126) return buffer.readUInt16BE(at + 2);
  return buffer.readUInt32BE(at + 2) * 2 ** 32 + buffer.readUInt32BE(at + 6);
}

/**
 * A frame of which a part has come. It grows with what comes, not with what the header promises, and holds nothing of
 * the reads of the network: taking it in pieces of one byte costs as much as taking it at once.
 */
export class PartialFrame {
  #buffer: Buffer;
  #filled: number;
  /** Reads that it came in. */
  segments = 1;

  constructor(start: Buffer) {
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(64, start.length));
    this.#filled = start.copy(this.#buffer);
  }

  /** What has come. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#filled);
  }

  /** Takes from `chunk` at `at` what tells how much more is needed, or completes it; the offset behind that. */
  take(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#needed() - this.#filled);
    const length = this.#filled + end - at;
    if (length > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, this.#filled);
      this.#buffer = larger;
    }
    chunk.copy(this.#buffer, this.#filled, at, end);
    this.#filled = length;
    return end;
  }

  #needed(): number {
    const filled = this.#filled;
    if (filled < firstBytes) return firstBytes;
    const header = headerBytes(this.#buffer[1] ?? 0);
    return filled < header ? header : header + payloadBytes(this.#buffer, 0);
  }
}
