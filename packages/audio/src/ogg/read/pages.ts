import { raceAbort, throwIfAborted } from "@conic/domain";
import { invalidArgument } from "../../errors.js";
import { chunksOf, type WavSource } from "../../wav/read/source.js";
import { PageParser, type OggPage } from "./page.js";
import type { OpusStreamGuard, StreamEnd } from "./stream.js";

/** Drives the page parser and the guard with a source; holds one chunk of it. */
export class PageSource {
  readonly #chunks: ReturnType<typeof chunksOf>;
  readonly #guard: OpusStreamGuard;
  readonly #signal: AbortSignal | undefined;
  readonly #parser = new PageParser();
  /** The chunk that is being parsed, and how far. */
  #chunk: Uint8Array = new Uint8Array(0);
  #at = 0;
  #failure: { readonly error: unknown } | undefined;
  #end: StreamEnd | undefined;
  #closed = false;
  #waiting = false;

  constructor(source: WavSource, guard: OpusStreamGuard, signal: AbortSignal | undefined) {
    throwIfAborted(signal);
    this.#chunks = chunksOf(source);
    this.#guard = guard;
    this.#signal = signal;
  }

  /** Bytes of the file in pages that were read. */
  get offset(): number {
    return this.#parser.offset;
  }

  /** What ended the pages, other than the end of the file. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  /** Undefined until the end of the file was reached in good order. */
  get end(): StreamEnd | undefined {
    return this.#end;
  }

  /**
   * A page for the demuxer. Undefined at the end and at a failure: what came before is worth playing, so that the
   * error has its turn after it.
   */
  async next(): Promise<Uint8Array | undefined> {
    try {
      while (!this.#closed && this.#end === undefined && this.#failure === undefined) {
        throwIfAborted(this.#signal);
        if (this.#at === this.#chunk.length) await this.#fetch();
        const page = this.#parse();
        const passed = page === undefined ? undefined : this.#guard.take(page);
        if (passed !== undefined) return passed;
      }
    } catch (error) {
      this.#failure = { error };
    }
    return undefined;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#chunk = new Uint8Array(0);
    this.#at = 0;
    const released = Promise.resolve(this.#chunks.return?.());
    // A generator that waits for its input is released only when that comes: not worth waiting for.
    if (this.#waiting) released.catch(() => undefined);
    else await released;
  }

  async #fetch(): Promise<void> {
    this.#waiting = true;
    const result = await raceAbort(Promise.resolve(this.#chunks.next()), this.#signal);
    this.#waiting = false;
    if (this.#closed) return;
    this.#at = 0;
    if (result.done === true) {
      this.#chunk = new Uint8Array(0);
      this.#parser.end();
      this.#end = this.#guard.end(this.#parser.offset);
    } else this.#chunk = checked(result.value);
  }

  #parse(): OggPage | undefined {
    const { page, end } = this.#parser.next(this.#chunk, this.#at);
    this.#at = end;
    return page;
  }
}

function checked(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw invalidArgument("the source yields something other than Uint8Array; is an encoding set?");
}
