const encoder = new TextEncoder();

/** Builds a binary message: numbers of fixed size, big endian, and strings and bytes behind their length. */
export class MessageWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  /** @param roomBytes that the message is thought to need; it grows. */
  constructor(roomBytes = 64) {
    this.#bytes = new Uint8Array(roomBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  u8(value: number): this {
    const at = this.#take(1);
    this.#view.setUint8(at, value);
    return this;
  }

  u32(value: number): this {
    // Before the view is looked up: growing makes another one.
    const at = this.#take(4);
    this.#view.setUint32(at, value);
    return this;
  }

  bytes(value: Uint8Array): this {
    this.u32(value.byteLength);
    const at = this.#take(value.byteLength);
    this.#bytes.set(value, at);
    return this;
  }

  string(value: string): this {
    return this.bytes(encoder.encode(value));
  }

  /** The message; the writer must not be used any more. */
  end(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #take(count: number): number {
    const at = this.#length;
    const needed = at + count;
    if (needed > this.#bytes.byteLength) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.byteLength));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#length = needed;
    return at;
  }
}
