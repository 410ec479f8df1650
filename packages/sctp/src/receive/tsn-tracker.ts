import { distance, next } from "../wire/serial.js";
import type { GapOffsets } from "../wire/chunks/sack.js";

/** Furthest that a TSN may be beyond the cumulative one: what a gap block can name (RFC 9260 section 3.3.4). */
const maxOffset = 65_535;
/** Gaps held at once: above it, what would open another is dropped and comes again. */
const maxGaps = 1_024;
const maxDuplicates = 32;

export type Arrival = "new" | "duplicate" | "outside";

/** Which TSNs have arrived. */
export class TsnTracker {
  #cumulative: number;
  /** First and last TSN of each block beyond the cumulative one, in order and apart. */
  #blocks: { first: number; last: number }[] = [];
  #duplicates: number[] = [];

  constructor(initialTsn: number) {
    this.#cumulative = (initialTsn - 1) >>> 0;
  }

  /** The last TSN up to which nothing is missing. */
  get cumulative(): number {
    return this.#cumulative;
  }

  get hasGaps(): boolean {
    return this.#blocks.length > 0;
  }

  get duplicates(): readonly number[] {
    return this.#duplicates;
  }

  /** The gaps as offsets from the cumulative TSN. */
  gapOffsets(): GapOffsets {
    const offsets: number[] = [];
    for (const { first, last } of this.#blocks) {
      offsets.push(distance(first, this.#cumulative), distance(last, this.#cumulative));
    }
    return offsets;
  }

  /** The duplicates have been reported. */
  forgetDuplicates(): void {
    if (this.#duplicates.length > 0) this.#duplicates = [];
  }

  add(tsn: number): Arrival {
    if (tsn === next(this.#cumulative)) {
      this.#cumulative = tsn;
      if (this.#blocks.length > 0) this.#absorb();
      return "new";
    }
    const offset = distance(tsn, this.#cumulative);
    if (offset > maxOffset) return "outside";
    if (offset <= 0) return this.#duplicate(tsn);
    return this.#insert(tsn);
  }

  /** Everything up to `tsn` counts as arrived (FORWARD TSN). */
  advance(tsn: number): void {
    if (distance(tsn, this.#cumulative) <= 0) return;
    this.#cumulative = tsn;
    this.#blocks = this.#blocks.filter(({ last }) => distance(last, tsn) > 0);
    const [first] = this.#blocks;
    if (first !== undefined && distance(first.first, tsn) <= 0) first.first = next(tsn);
    this.#absorb();
  }

  #insert(tsn: number): Arrival {
    // What arrives late is nearly always the end of the last block, or just behind it.
    let at = this.#blocks.length;
    while (at > 0 && distance(this.#blocks[at - 1]?.first ?? 0, tsn) > 0) at -= 1;
    const before = this.#blocks[at - 1];
    const after = this.#blocks[at];
    if (before !== undefined && distance(tsn, before.last) <= 0) return this.#duplicate(tsn);
    const joinsBefore = before !== undefined && next(before.last) === tsn;
    const joinsAfter = after !== undefined && next(tsn) === after.first;
    if (joinsBefore && joinsAfter) {
      before.last = after.last;
      this.#blocks.splice(at, 1);
    } else if (joinsBefore) {
      before.last = tsn;
    } else if (joinsAfter) {
      after.first = tsn;
    } else {
      if (this.#blocks.length === maxGaps) return "outside";
      this.#blocks.splice(at, 0, { first: tsn, last: tsn });
    }
    return "new";
  }

  #absorb(): void {
    const [first] = this.#blocks;
    if (first === undefined || first.first !== next(this.#cumulative)) return;
    this.#cumulative = first.last;
    this.#blocks.shift();
  }

  #duplicate(tsn: number): Arrival {
    if (this.#duplicates.length < maxDuplicates) this.#duplicates.push(tsn);
    return "duplicate";
  }
}
