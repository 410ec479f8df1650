import { raceAbort, throwIfAborted } from "@conic/domain";
import { invalidArgument } from "../errors.js";
import { chunksOf, type VideoFileSource } from "./source.js";

const nothing = new Uint8Array(0);

/** Takes a source apart by number of bytes, and knows how far it is. Holds one chunk of the source at most. */
export class ByteReader implements AsyncDisposable {
  readonly #chunks: ReturnType<typeof chunksOf>;
  readonly #signal: AbortSignal | undefined;
  #chunk: Uint8Array = nothing;
  #offset = 0;
  #closed = false;
  #waiting = false;

  constructor(source: VideoFileSource, signal: AbortSignal | undefined) {
    throwIfAborted(signal);
    this.#chunks = chunksOf(source);
    this.#signal = signal;
  }

  /** Bytes taken so far. */
  get offset(): number {
    return this.#offset;
  }

  /** Copies the next bytes into `target`. Fewer than its length only where the source ends. */
  async readInto(target: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < target.length && (await this.#more())) {
      const part = this.#chunk.subarray(0, target.length - filled);
      target.set(part, filled);
      this.#advance(part.length);
      filled += part.length;
    }
    return filled;
  }

  /** Passes over the next bytes; how many there were. */
  async skip(count: number): Promise<number> {
    let skipped = 0;
    while (skipped < count && (await this.#more())) {
      const step = Math.min(this.#chunk.length, count - skipped);
      this.#advance(step);
      skipped += step;
    }
    return skipped;
  }

  /**
   * The bytes before the next line feed, which is passed over. `ended` says that there was none: the source ended, or
   * `maxBytes` came without.
   */
  async line(maxBytes: number): Promise<{ readonly bytes: Uint8Array; readonly ended: boolean }> {
    const parts: number[] = [];
    while (parts.length < maxBytes && (await this.#more())) {
      const part = this.#chunk.subarray(0, maxBytes - parts.length);
      const end = part.indexOf(0x0a);
      parts.push(...(end < 0 ? part : part.subarray(0, end)));
      this.#advance(end < 0 ? part.length : end + 1);
      if (end >= 0) return { bytes: Uint8Array.from(parts), ended: false };
    }
    return { bytes: Uint8Array.from(parts), ended: true };
  }

  #advance(count: number): void {
    this.#chunk = this.#chunk.subarray(count);
    this.#offset += count;
  }

  /** Whether there is at least one byte in the chunk. */
  async #more(): Promise<boolean> {
    while (this.#chunk.length === 0) {
      throwIfAborted(this.#signal);
      if (this.#closed) return false;
      this.#waiting = true;
      const result = await raceAbort(Promise.resolve(this.#chunks.next()), this.#signal);
      this.#waiting = false;
      if (result.done === true) return false;
      this.#chunk = checked(result.value);
    }
    throwIfAborted(this.#signal);
    return true;
  }

  /** Releases the source; a file handle stays open. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#chunk = nothing;
    const released = Promise.resolve(this.#chunks.return?.());
    // A generator that waits for its input is released only when that comes: not worth waiting for.
    if (this.#waiting) released.catch(() => undefined);
    else await released;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function checked(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw invalidArgument("the source yields something other than Uint8Array; is an encoding set?");
}
