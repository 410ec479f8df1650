const wordBits = 32;

/** Which of the last `size` packet indices were received (RFC 3711 section 3.3.2): a ring of bits. */
export class ReplayWindow {
  readonly #size: number;
  readonly #words: Uint32Array;
  #highest = -1;

  /** @param size a multiple of 32 */
  constructor(size: number) {
    this.#size = size;
    this.#words = new Uint32Array(size / wordBits);
  }

  /** -1 before the first. */
  get highest(): number {
    return this.#highest;
  }

  /** Whether the index is new, and not too old to know. */
  accepts(index: number): boolean {
    if (index > this.#highest) return true;
    if (this.#highest - index >= this.#size) return false;
    const bit = index % this.#size;
    return (((this.#words[bit >>> 5] as number) >>> (bit & 31)) & 1) === 0;
  }

  /** Marks it as received: only once the packet has proved to be authentic. */
  add(index: number): void {
    if (index > this.#highest) {
      this.#forget(this.#highest + 1, index);
      this.#highest = index;
    }
    const bit = index % this.#size;
    this.#words[bit >>> 5] = (this.#words[bit >>> 5] as number) | (1 << (bit & 31));
  }

  /** The places of `from..to`, which the indices one ring before them held. */
  #forget(from: number, to: number): void {
    if (to - from + 1 >= this.#size) {
      this.#words.fill(0);
      return;
    }
    for (let index = from; index <= to; index += 1) {
      const bit = index % this.#size;
      this.#words[bit >>> 5] = (this.#words[bit >>> 5] as number) & ~(1 << (bit & 31));
    }
  }
}
