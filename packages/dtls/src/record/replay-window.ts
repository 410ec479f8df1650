const wordBits = 32;
const windowBits = 64;

/**
 * RFC 6347 section 4.1.2.6: which of the last 64 sequence numbers were received. Two words of 32 bits, for numbers
 * of JavaScript shift no further.
 */
export class ReplayWindow {
  #highest = -1;
  // Bit n of `near`: highest - n; of `far`: highest - 32 - n.
  #near = 0;
  #far = 0;

  /** Whether the number is new. */
  accepts(sequence: number): boolean {
    const age = this.#highest - sequence;
    if (age < 0) return true;
    if (age >= windowBits) return false;
    const word = age < wordBits ? this.#near : this.#far;
    return ((word >>> (age % wordBits)) & 1) === 0;
  }

  /** Marks it as received: only once the record has proved to be authentic. */
  add(sequence: number): void {
    const age = this.#highest - sequence;
    if (age < 0) this.#advance(-age, sequence);
    else if (age < wordBits) this.#near |= 1 << age;
    else if (age < windowBits) this.#far |= 1 << (age - wordBits);
  }

  #advance(by: number, sequence: number): void {
    this.#highest = sequence;
    if (by >= windowBits) this.#far = 0;
    else if (by >= wordBits) this.#far = this.#near << (by - wordBits);
    else this.#far = (this.#far << by) | (this.#near >>> (wordBits - by));
    this.#near = by >= wordBits ? 1 : (this.#near << by) | 1;
  }
}
