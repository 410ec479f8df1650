import { ConicError } from "@conic/domain";

/** What every source keeps to: it is read once, by one loop, and whatever ends that loop closes what is open. */
export class Playback implements AsyncDisposable {
  readonly #closers: (() => Promise<void>)[] = [];
  #started = false;
  #disposed: Promise<void> | undefined;

  /** Closed with the source, the last one first. */
  own(close: () => Promise<void>): void {
    this.#closers.push(close);
  }

  /** @throws ConicError `invalid_state` the second time, `closed` after disposing. */
  start<T>(items: () => AsyncIterable<T>): AsyncIterable<T> {
    if (this.#started) throw new ConicError("invalid_state", "this source is being played already");
    if (this.#disposed !== undefined) throw new ConicError("closed", "this source is closed");
    this.#started = true;
    return this.#play(items);
  }

  async *#play<T>(items: () => AsyncIterable<T>): AsyncGenerator<T, undefined> {
    try {
      for await (const item of items()) {
        if (this.#disposed !== undefined) return undefined;
        yield item;
      }
      return undefined;
    } catch (error) {
      // What was closed under the loop has not failed.
      if (this.#disposed !== undefined) return undefined;
      throw error;
    } finally {
      await this[Symbol.asyncDispose]();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#close();
    return this.#disposed;
  }

  async #close(): Promise<void> {
    for (const close of this.#closers.toReversed()) await close();
  }
}

/** Builds a source; what was opened is closed again when building fails. */
export async function building<T>(build: (playback: Playback) => Promise<T>): Promise<T> {
  const playback = new Playback();
  try {
    return await build(playback);
  } catch (error) {
    await playback[Symbol.asyncDispose]();
    throw error;
  }
}
