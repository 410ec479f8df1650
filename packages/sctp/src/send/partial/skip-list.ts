import type { SkippedStream } from "../../wire/chunks/forward-tsn.js";
import type { OutboundMessage } from "../outbound.js";

/** The messages that were given up, by the last one of each stream. */
export class SkipList {
  readonly #interleaving: boolean;
  readonly #maxStreams: number;
  readonly #ordered = new Map<number, number>();
  readonly #unordered = new Map<number, number>();

  constructor(interleaving: boolean, maxStreams: number) {
    this.#interleaving = interleaving;
    this.#maxStreams = maxStreams;
  }

  /**
   * Takes messages in the order of their TSNs: the later one has the higher number, wherever that wraps.
   * @returns whether there was room for it.
   */
  add({ stream, unordered, number }: OutboundMessage): boolean {
    // Unordered messages of DATA are known by their TSN alone.
    if (unordered && !this.#interleaving) return true;
    const numbers = unordered ? this.#unordered : this.#ordered;
    const isFull = this.#ordered.size + this.#unordered.size >= this.#maxStreams;
    if (isFull && !numbers.has(stream.id)) return false;
    numbers.set(stream.id, number);
    return true;
  }

  list(): SkippedStream[] {
    return [...skipped(this.#ordered, false), ...skipped(this.#unordered, true)];
  }
}

function skipped(numbers: ReadonlyMap<number, number>, unordered: boolean): SkippedStream[] {
  return Array.from(numbers, ([streamId, message]) => ({ streamId, unordered, message }));
}
