import { ConicError, raceAbort, throwIfAborted, type AbortOptions } from "@conic/domain";
import { invalidArgument } from "../../errors.js";
import type { WavInfo, WavSummary } from "../format.js";
import { WavBlock } from "./block.js";
import { WavParser, type WavEvent, type WavParserOptions } from "../parse/parser.js";
import { chunksOf, fileChunkBytes, type WavSource } from "./source.js";

/** The signal ends the whole reading, not only the wait for the headers. */
export type ReadWavOptions = WavParserOptions & AbortOptions;

/** Bytes of one block at most, where `framesPerBlock` does not ask for more. */
const maxPieceBytes = fileChunkBytes;

/** A WAV file whose headers are read. It holds one chunk of the source at most. */
export interface WavReader extends AsyncDisposable {
  readonly info: WavInfo;
  /** Undefined until the last block was read. */
  readonly summary: WavSummary | undefined;
  /**
   * The samples, in file order; by one loop, once. Leaving the loop closes the reader. It throws `invalid_state`
   * for a second loop, `aborted`, and whatever the source throws, unchanged.
   */
  blocks(): AsyncIterableIterator<WavBlock>;
  /** Releases the source; a file handle stays open. Idempotent. */
  close(): Promise<void>;
}

/**
 * Reads a WAV file of any size from `source`, up to its first sample.
 * @throws ConicError `invalid_data` or `unsupported` with `details.byteOffset`, `aborted`, `invalid_argument`;
 * errors of the source pass unchanged. The source is released in every case.
 */
export async function readWav(source: WavSource, options: ReadWavOptions = {}): Promise<WavReader> {
  const parser = new WavParser(options);
  const events = new EventPump(source, parser, options.signal);
  try {
    const first = await events.next();
    // The parser throws unless the format comes first.
    if (first?.type !== "format") throw new ConicError("internal", "the file has no format");
    return new Reader(first.info, events);
  } catch (error) {
    await events.close();
    throw error;
  }
}

class Reader implements WavReader {
  readonly info: WavInfo;
  readonly #events: EventPump;
  #summary: WavSummary | undefined;
  #started = false;

  constructor(info: WavInfo, events: EventPump) {
    this.info = info;
    this.#events = events;
  }

  get summary(): WavSummary | undefined {
    return this.#summary;
  }

  blocks(): AsyncIterableIterator<WavBlock> {
    if (this.#started) throw new ConicError("invalid_state", "blocks() was called before");
    this.#started = true;
    return this.#blocks();
  }

  async *#blocks(): AsyncGenerator<WavBlock, undefined> {
    const { format } = this.info;
    let frame = 0;
    try {
      for (;;) {
        const event = await this.#events.next();
        if (event === undefined) return undefined;
        if (event.type === "end") this.#summary = event.summary;
        if (event.type !== "data") continue;
        const block = new WavBlock(format, frame, event.bytes);
        frame += block.frames;
        yield block;
      }
    } finally {
      await this.close();
    }
  }

  close(): Promise<void> {
    return this.#events.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Drives a parser with a source. */
class EventPump {
  readonly #chunks: ReturnType<typeof chunksOf>;
  readonly #parser: WavParser;
  readonly #signal: AbortSignal | undefined;
  /** The part of the last chunk that the parser has not seen. */
  #rest: Uint8Array = new Uint8Array(0);
  #events: readonly WavEvent[] = [];
  #index = 0;
  #ended = false;
  #closed = false;
  #waiting = false;

  constructor(source: WavSource, parser: WavParser, signal: AbortSignal | undefined) {
    throwIfAborted(signal);
    this.#chunks = chunksOf(source);
    this.#parser = parser;
    this.#signal = signal;
  }

  /** Undefined after the last event, and once closed. */
  async next(): Promise<WavEvent | undefined> {
    while (!this.#closed) {
      throwIfAborted(this.#signal);
      const event = this.#events[this.#index];
      this.#index += 1;
      if (event !== undefined) return event;
      if (this.#ended) return undefined;
      if (this.#rest.length === 0) await this.#fetch();
      else this.#parse();
    }
    return undefined;
  }

  async #fetch(): Promise<void> {
    this.#waiting = true;
    const result = await raceAbort(Promise.resolve(this.#chunks.next()), this.#signal);
    this.#waiting = false;
    if (result.done === true) this.#take(this.#parser.end(), true);
    else this.#rest = checked(result.value);
  }

  /** In pieces, so that the events of one huge chunk are not all made at once. */
  #parse(): void {
    const piece = this.#rest.subarray(0, maxPieceBytes);
    this.#rest = this.#rest.subarray(piece.length);
    this.#take(this.#parser.push(piece), this.#parser.done);
  }

  #take(events: readonly WavEvent[], ended: boolean): void {
    this.#events = events;
    this.#index = 0;
    this.#ended = ended;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#events = [];
    this.#rest = new Uint8Array(0);
    const released = Promise.resolve(this.#chunks.return?.());
    // A generator that waits for its input is released only when that comes: not worth waiting for.
    if (this.#waiting) released.catch(() => undefined);
    else await released;
  }
}

function checked(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw invalidArgument("the source yields something other than Uint8Array; is an encoding set?");
}
