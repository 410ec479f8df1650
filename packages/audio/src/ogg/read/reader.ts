import { ConicError, isConicError, type AbortOptions, type EncodedChunk } from "@conic/domain";
import { invalidArgument, invalidData } from "../../errors.js";
import { opusPacketSamples } from "../../opus/packet.js";
import type { WavSource } from "../../wav/read/source.js";
import type { OpusHead } from "../head.js";
import { PageSource } from "./pages.js";
import { OpusStreamGuard } from "./stream.js";
import type { OpusTags } from "./tags.js";
import { demux } from "../vendor.js";

/** The signal ends the whole reading, not only the wait for the headers. */
export interface ReadOggOptions extends AbortOptions {
  /** Bytes of the comment header, where cover art may be, at most. Default {@link defaultMaxTagsBytes}. */
  readonly maxTagsBytes?: number | undefined;
}

/** 16 MiB. */
export const defaultMaxTagsBytes: number = 16 * 2 ** 20;

/** What was found once the packets were read to their end. Samples are those of each channel, at 48 kHz. */
export interface OggOpusEnd {
  readonly packets: number;
  /** To be played: without the pre-skip, and without what the last page trims. */
  readonly samples: number;
  /** Of the last packets, not to be played. */
  readonly endTrimSamples: number;
  /** Whether the file says that it is over. One that was cut off between two pages does not. */
  readonly complete: boolean;
}

/** An Ogg file with Opus in it, whose headers are read. It holds a chunk of the source and some pages at most. */
export interface OggOpusReader extends OpusHead, OpusTags, AsyncDisposable {
  /** Undefined until the last packet was read. */
  readonly summary: OggOpusEnd | undefined;
  /**
   * The packets, timestamps from 0 on without gaps; by one loop, once. Leaving the loop closes the reader. It throws
   * `invalid_state` for a second loop, `aborted`, whatever the source throws, unchanged, and, after all packets that
   * were good, `invalid_data` for a file that is cut off or damaged, `unsupported` for one where another stream
   * follows.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<EncodedChunk>;
  /** Releases the source; a file handle stays open. Idempotent. */
  close(): Promise<void>;
}

/**
 * Reads an Ogg file of any size from `source`, up to its first packet: the first Opus stream in it (RFC 7845).
 * @throws ConicError `invalid_data` or `unsupported` with `details.byteOffset`, `too_large` for tags, `aborted`,
 * `invalid_argument`; errors of the source pass unchanged. The source is released in every case.
 */
export async function readOggOpus(
  source: WavSource,
  options: ReadOggOptions = {},
): Promise<OggOpusReader> {
  const { maxTagsBytes = defaultMaxTagsBytes, signal } = options;
  if (!(Number.isSafeInteger(maxTagsBytes) && maxTagsBytes >= 0)) {
    throw invalidArgument(`maxTagsBytes is a whole number from 0 on, not ${maxTagsBytes}`);
  }
  const guard = new OpusStreamGuard(maxTagsBytes);
  const pages = new PageSource(source, guard, signal);
  try {
    const headerPages: Uint8Array[] = [];
    while (guard.headers === undefined) {
      const page = await pages.next();
      if (page !== undefined) headerPages.push(page);
      else if (pages.failure !== undefined) throw pages.failure.error;
    }
    return new Reader(guard.headers, headerPages, pages);
  } catch (error) {
    await pages.close();
    throw error;
  }
}

class Reader implements OggOpusReader {
  readonly numberOfChannels: 1 | 2;
  readonly preSkipSamples: number;
  readonly inputSampleRate: number;
  readonly outputGainDb: number;
  readonly vendor: string;
  readonly tags: OpusTags["tags"];
  readonly #headerPages: Uint8Array[];
  readonly #pages: PageSource;
  #summary: OggOpusEnd | undefined;
  #started = false;

  constructor(
    headers: { readonly head: OpusHead; readonly tags: OpusTags },
    headerPages: Uint8Array[],
    pages: PageSource,
  ) {
    const { head, tags } = headers;
    this.numberOfChannels = head.numberOfChannels;
    this.preSkipSamples = head.preSkipSamples;
    this.inputSampleRate = head.inputSampleRate;
    this.outputGainDb = head.outputGainDb;
    this.vendor = tags.vendor;
    this.tags = tags.tags;
    this.#headerPages = headerPages;
    this.#pages = pages;
  }

  get summary(): OggOpusEnd | undefined {
    return this.#summary;
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<EncodedChunk> {
    if (this.#started) throw new ConicError("invalid_state", "the packets were read before");
    this.#started = true;
    return this.#chunks();
  }

  async *#chunks(): AsyncGenerator<EncodedChunk, undefined> {
    let packets = 0;
    let samples = 0;
    try {
      for await (const data of this.#packets()) {
        const timestamp = Math.round((samples * 1_000) / 48);
        // The guard has seen that every packet has a duration.
        samples += opusPacketSamples(data) ?? 0;
        packets += 1;
        yield {
          type: "key",
          timestamp,
          duration: Math.round((samples * 1_000) / 48) - timestamp,
          data,
        };
      }
      // The demuxer stops at the last page of the stream; what is wrong behind it shows in reading on.
      while ((await this.#pages.next()) !== undefined);
      if (this.#pages.failure !== undefined) throw this.#pages.failure.error;
      this.#finish(packets, samples);
      return undefined;
    } finally {
      await this.close();
    }
  }

  async *#packets(): AsyncGenerator<Uint8Array, undefined> {
    try {
      yield* demux(() => {
        const header = this.#headerPages.shift();
        return header === undefined ? this.#pages.next() : Promise.resolve(header);
      });
    } catch (error) {
      if (isConicError(error)) throw error;
      throw new ConicError("invalid_data", `the file cannot be taken apart: ${String(error)}`, {
        cause: error,
        details: { byteOffset: this.#pages.offset },
      });
    }
    return undefined;
  }

  #finish(packets: number, samples: number): void {
    const { end } = this.#pages;
    if (end === undefined) return;
    // Both count the packets: what the demuxer kept to itself would be missing without a word.
    if (end.packetSamples !== samples) {
      throw invalidData(this.#pages.offset, "packets are missing at the end of the file");
    }
    const { endTrimSamples, complete } = end;
    const played = samples - endTrimSamples - this.preSkipSamples;
    this.#summary = { packets, samples: Math.max(0, played), endTrimSamples, complete };
  }

  close(): Promise<void> {
    return this.#pages.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
