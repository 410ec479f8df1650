import { unwrapSequence } from "../../packet/serial.js";

/** A packet further from the last one, either way, is of another run of sequence numbers. */
export const maxJump = 1_000;

/** Positions for which it is known whether they came: more than {@link maxJump}. */
const window = 1_024;

/** Which packets of one stream came. Positions are sequence numbers that do not go round, and may be negative. */
export class Reception {
  readonly #seen = new Float64Array(window).fill(Number.NaN);
  #first: number;
  #highest: number;
  /** Without duplicates. */
  #received = 0;
  #expectedBefore = 0;
  #receivedBefore = 0;

  constructor(first: number) {
    this.#first = first;
    this.#highest = first - 1;
  }

  /** The last position; the one before the first as long as nothing came. */
  get highest(): number {
    return this.#highest;
  }

  get lost(): number {
    return this.#highest - this.#first + 1 - this.#received;
  }

  position(sequenceNumber: number): number {
    return unwrapSequence(this.#highest, sequenceNumber);
  }

  has(position: number): boolean {
    return this.#seen[position & (window - 1)] === position;
  }

  add(position: number): void {
    this.#seen[position & (window - 1)] = position;
    this.#received += 1;
    if (position > this.#highest) this.#highest = position;
    else if (position < this.#first) this.#first = position;
  }

  /** Nothing up to this position comes any more. */
  leap(position: number): void {
    this.#highest = position;
  }

  /** What of the packets since the last call is missing, in 256ths (RFC 3550 appendix A.3). */
  takeFractionLost(): number {
    const expected = this.#highest - this.#first + 1;
    const [asked, came] = [expected - this.#expectedBefore, this.#received - this.#receivedBefore];
    this.#expectedBefore = expected;
    this.#receivedBefore = this.#received;
    if (asked <= 0 || came >= asked) return 0;
    return Math.min(255, Math.floor(((asked - came) * 256) / asked));
  }
}
