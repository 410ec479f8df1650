import { ConicError } from "@conic/domain";

export const headerBytes = 4;

/** The length, big endian, that goes in front of a message. */
export function header(messageBytes: number): Uint8Array {
  const bytes = new Uint8Array(headerBytes);
  new DataView(bytes.buffer).setUint32(0, messageBytes);
  return bytes;
}

/** Cuts a stream of bytes into the messages that it holds. */
export class Splitter {
  readonly #maxMessageBytes: number;
  #chunks: Uint8Array[] = [];
  #bytes = 0;

  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes;
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.byteLength;
  }

  /**
   * The next message that is complete.
   * @throws ConicError `invalid_data` for one longer than may be, before it is read.
   */
  next(): Uint8Array | undefined {
    if (this.#bytes < headerBytes) return undefined;
    const first = this.#joined(headerBytes);
    const length = new DataView(first.buffer, first.byteOffset).getUint32(0);
    if (length > this.#maxMessageBytes) {
      throw new ConicError("invalid_data", "a message of another node is longer than may be", {
        details: { byteOffset: 0 },
      });
    }
    const end = headerBytes + length;
    if (this.#bytes < end) return undefined;
    const bytes = this.#joined(end);
    if (bytes.byteLength > end) this.#chunks[0] = bytes.subarray(end);
    else this.#chunks.shift();
    this.#bytes -= end;
    return bytes.subarray(headerBytes, end);
  }

  /** The first chunk, made so long that it holds this many bytes. Long messages are put together once. */
  #joined(count: number): Uint8Array {
    const [first] = this.#chunks;
    if (first !== undefined && first.byteLength >= count) return first;
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return all;
  }
}
