/** What has a place on the media clock, in µs. */
export interface Timed {
  readonly timestamp: number;
  readonly duration: number;
}

/** Puts the passes over a file one behind the other: the first starts at 0, each other where the last one ended. */
export class Chain {
  readonly #fallbackDuration: number;
  #end = 0;

  /** @param fallbackDuration in µs, of a last item that does not say its own */
  constructor(fallbackDuration: number) {
    this.#fallbackDuration = fallbackDuration;
  }

  async *append<T extends Timed>(items: AsyncIterable<T>): AsyncGenerator<T, undefined> {
    const offset = this.#end;
    let first: number | undefined;
    for await (const item of items) {
      first ??= item.timestamp;
      const timestamp = offset + item.timestamp - first;
      this.#end = Math.max(this.#end, timestamp + (item.duration || this.#fallbackDuration));
      yield { ...item, timestamp };
    }
    return undefined;
  }
}

/** The items that begin before `seconds`; all of them without. */
export async function* limited<T extends Timed>(
  items: AsyncIterable<T>,
  seconds: number | undefined,
): AsyncGenerator<T, undefined> {
  const end = seconds === undefined ? Infinity : seconds * 1_000_000;
  for await (const item of items) {
    if (item.timestamp >= end) return undefined;
    yield item;
    // What comes next is not worth reading.
    if (item.timestamp + item.duration >= end) return undefined;
  }
  return undefined;
}
