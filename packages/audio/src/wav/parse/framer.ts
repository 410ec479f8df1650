/**
 * Cuts a stream of bytes into blocks of whole frames. Blocks are views of what was pushed wherever they lie in one
 * piece; only a block that spans two pieces is copied.
 */
export class Framer {
  readonly #frameBytes: number;
  /** Bytes of each block but the last; undefined: as many frames as each piece holds. */
  readonly #blockBytes: number | undefined;
  #carry: Uint8Array | undefined;
  #carried = 0;

  constructor(frameBytes: number, framesPerBlock: number | undefined) {
    this.#frameBytes = frameBytes;
    this.#blockBytes = framesPerBlock === undefined ? undefined : framesPerBlock * frameBytes;
  }

  push(bytes: Uint8Array, emit: (block: Uint8Array) => void): void {
    const unit = this.#blockBytes ?? this.#frameBytes;
    let start = 0;
    if (this.#carry !== undefined) {
      start = this.#keep(this.#carry, bytes, 0);
      if (this.#carried < unit) return;
      emit(this.#carry);
      this.#carry = undefined;
    }
    const whole = start + Math.floor((bytes.length - start) / unit) * unit;
    const size = this.#blockBytes ?? whole - start;
    for (; start < whole; start += size) emit(bytes.subarray(start, start + size));
    if (whole === bytes.length) return;
    // A new buffer each time: the last one may be a block that is still read.
    this.#carry = new Uint8Array(unit);
    this.#carried = 0;
    this.#keep(this.#carry, bytes, whole);
  }

  /** Emits the whole frames that are left; returns how many bytes remain of a partial one. */
  end(emit: (block: Uint8Array) => void): number {
    const carry = this.#carry;
    this.#carry = undefined;
    if (carry === undefined) return 0;
    const rest = this.#carried % this.#frameBytes;
    if (this.#carried > rest) emit(carry.subarray(0, this.#carried - rest));
    return rest;
  }

  #keep(carry: Uint8Array, bytes: Uint8Array, from: number): number {
    const part = bytes.subarray(from, from + carry.length - this.#carried);
    carry.set(part, this.#carried);
    this.#carried += part.length;
    return from + part.length;
  }
}
