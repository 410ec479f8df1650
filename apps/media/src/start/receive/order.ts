import type { OrderSummary } from "../events.js";

/** Ranges of missing numbers that are kept; later ones are only counted. */
const maxRanges = 1000;

/** Follows the counters of pictures: which came, in which order, and which did not. */
export class FrameOrder {
  #first: number | undefined;
  #last: number | undefined;
  #counted = 0;
  #unread = 0;
  #broken = 0;
  #missingCount = 0;
  #outOfOrder = 0;
  readonly #missing: [from: number, to: number][] = [];

  /** @param counter of the next picture; undefined when it cannot be read */
  add(counter: number | undefined): void {
    if (counter === undefined) {
      this.#unread += 1;
      return;
    }
    this.#counted += 1;
    this.#first ??= counter;
    const last = this.#last ?? counter - 1;
    if (counter <= last) {
      this.#outOfOrder += 1;
      return;
    }
    if (counter > last + 1) {
      this.#missingCount += counter - last - 1;
      if (this.#missing.length < maxRanges) this.#missing.push([last + 1, counter - 1]);
    }
    this.#last = counter;
  }

  /** A frame that no decoder takes. */
  addBroken(): void {
    this.#broken += 1;
  }

  summary(): OrderSummary {
    return {
      first: this.#first,
      last: this.#last,
      counted: this.#counted,
      unread: this.#unread,
      broken: this.#broken,
      missing: this.#missing.map(([from, to]) => [from, to] as const),
      missingCount: this.#missingCount,
      outOfOrder: this.#outOfOrder,
    };
  }
}
