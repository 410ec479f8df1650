import {
  ConicError,
  raceAbort,
  throwIfAborted,
  type AbortOptions,
  type EncodedChunk,
} from "@conic/domain";
import { invalidArgument } from "../../errors.js";
import { opusPacketSamples } from "../../opus/packet.js";
import type { WavSink } from "../../wav/write/sink.js";
import { fillerPackets } from "./filler.js";
import { encodeHead } from "../head.js";
import { maxOggPacketBytes } from "../read/stream.js";
import { Muxer } from "../vendor.js";

/** Where an Ogg file is written to: it is only ever appended to. */
export type OggSink = Pick<WavSink, "write">;

export interface OggOpusSpec {
  readonly numberOfChannels: 1 | 2;
  /** Samples at 48 kHz that players drop at the start: `lookaheadSamples` of the encoder. Default 312. */
  readonly preSkipSamples?: number | undefined;
  /** Of the audio before it was encoded, in Hz; only a remark. Default 48,000. */
  readonly inputSampleRate?: number | undefined;
  /** A longer gap between two chunks is left out, in ms. Default 3,600,000. */
  readonly maxGapMs?: number | undefined;
}

/** A file that was written. Samples are those of each channel, at 48 kHz. */
export interface OggOpusSummary {
  /** With those that fill gaps. */
  readonly packets: number;
  /** To be played: without the pre-skip and what was trimmed. */
  readonly samples: number;
  /** In gaps that were filled, for a player to conceal. */
  readonly gapSamples: number;
  /** Gaps longer than `maxGapMs`. */
  readonly skippedGaps: number;
  readonly fileBytes: number;
}

export interface OggCloseOptions extends AbortOptions {
  /**
   * Samples of each channel that are to be played, at 48 kHz, when that is less than the packets hold: the rest of the
   * last one is trimmed. Default all of them.
   */
  readonly samples?: number | undefined;
}

interface Pending {
  readonly data: Uint8Array;
  readonly firstSample: number;
  readonly samples: number;
}

const shortestFrameSamples = 120;

/**
 * Writes an Ogg file with one Opus stream (RFC 7845), one call after the other; a page every half a second, so that
 * a crash loses no more. A gap between the timestamps of two chunks is filled with packets without audio, so that the
 * time stays true; a chunk that overlaps the one before it is appended to it.
 *
 * Errors of the sink pass unchanged. After any of them, and after `aborted`, the writer takes no more.
 */
export class OggOpusWriter implements AsyncDisposable {
  readonly numberOfChannels: 1 | 2;
  readonly preSkipSamples: number;
  readonly #sink: OggSink;
  readonly #head: Uint8Array;
  readonly #maxGapSamples: number;
  readonly #pages: Uint8Array[] = [];
  #muxer: Muxer | undefined;
  /** The last packet, which may still have to be trimmed. */
  #pending: Pending | undefined;
  /** Of the media clock, in samples, that belongs to sample 0. */
  #origin: number | undefined;
  #samples = 0;
  #counts = { packets: 0, gapSamples: 0, skippedGaps: 0, fileBytes: 0 };
  #busy = false;
  #failure: { readonly error: unknown } | undefined;
  #closed: Promise<OggOpusSummary> | undefined;

  /** @throws ConicError `invalid_argument` */
  constructor(sink: OggSink, spec: OggOpusSpec) {
    const { preSkipSamples = 312, inputSampleRate = 48_000, maxGapMs = 3_600_000 } = spec;
    const channels: number = spec.numberOfChannels;
    if (channels !== 1 && channels !== 2) throw invalidArgument(`1 or 2 channels, not ${channels}`);
    checkWhole("preSkipSamples", preSkipSamples, 65_535);
    checkWhole("inputSampleRate", inputSampleRate, 4_294_967_295);
    if (!(maxGapMs >= 0 && maxGapMs < Infinity)) {
      throw invalidArgument(`maxGapMs is 0 or more, not ${maxGapMs}`);
    }
    this.numberOfChannels = channels;
    this.preSkipSamples = preSkipSamples;
    this.#sink = sink;
    this.#maxGapSamples = Math.floor(maxGapMs * 48);
    this.#head = encodeHead({ numberOfChannels: channels, preSkipSamples, inputSampleRate });
  }

  /** Samples of each channel that the packets so far hold, at 48 kHz. */
  get packetSamples(): number {
    return this.#samples;
  }

  /**
   * Appends a packet. Resolves when the sink has taken what is complete; wait for that before the next call.
   * @throws ConicError `invalid_argument` for a chunk that holds no Opus packet, `invalid_state` during another call,
   * `closed`, `aborted`.
   */
  async write(chunk: EncodedChunk, options: AbortOptions = {}): Promise<void> {
    const samples = opusPacketSamples(chunk.data);
    if (samples === undefined || chunk.data.length > maxOggPacketBytes) {
      throw invalidArgument(`${chunk.data.length} bytes that are no Opus packet`);
    }
    if (!Number.isFinite(chunk.timestamp)) {
      throw invalidArgument(`a timestamp is a number of µs, not ${chunk.timestamp}`);
    }
    this.#checkOpen();
    throwIfAborted(options.signal);
    await this.#run(async () => {
      await this.#fillGap(Math.round((chunk.timestamp * 48) / 1_000), options);
      await this.#append(chunk.data, samples, options);
    });
  }

  /**
   * Completes the file; the sink stays open. Later calls return the same promise.
   * @throws ConicError `invalid_state` during a write, `invalid_argument` for `samples` that end before the last
   * packet does or after it; the first error of the sink.
   */
  close(options: OggCloseOptions = {}): Promise<OggOpusSummary> {
    if (this.#busy) return Promise.reject(busyError());
    if (this.#closed !== undefined) return this.#closed;
    const { samples } = options;
    const trim = samples === undefined ? 0 : this.#samples - this.preSkipSamples - samples;
    if (!(Number.isInteger(trim) && trim >= 0 && trim < (this.#pending?.samples ?? 1))) {
      return Promise.reject(invalidArgument(`the last packet does not end around ${samples}`));
    }
    this.#closed = this.#close(trim, options);
    return this.#closed;
  }

  /** `close()`, but silent about an error that a write has thrown already. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#failure === undefined) await this.close();
  }

  async #close(trim: number, options: AbortOptions): Promise<OggOpusSummary> {
    if (this.#failure !== undefined) throw this.#failure.error;
    await this.#run(async () => {
      const muxer = await this.#open();
      const last = this.#pending;
      if (last !== undefined) await muxer.add(last.data, last.firstSample, last.samples - trim);
      await muxer.finish();
      await this.#send(options);
    });
    const samples = Math.max(0, this.#samples - this.preSkipSamples - trim);
    return { ...this.#counts, samples };
  }

  async #fillGap(position: number, options: AbortOptions): Promise<void> {
    this.#origin ??= position;
    const gap = position - this.#origin - this.#samples;
    if (gap < shortestFrameSamples || this.#pending === undefined) return;
    if (gap > this.#maxGapSamples) {
      this.#counts.skippedGaps += 1;
      this.#origin += gap;
      return;
    }
    const before = this.#samples;
    for (const filler of fillerPackets(gap, this.#pending.data)) {
      await this.#append(filler, opusPacketSamples(filler) ?? 0, options);
    }
    this.#counts.gapSamples += this.#samples - before;
  }

  async #append(data: Uint8Array, samples: number, options: AbortOptions): Promise<void> {
    throwIfAborted(options.signal);
    const muxer = await this.#open();
    const before = this.#pending;
    this.#pending = { data, firstSample: this.#samples, samples };
    this.#samples += samples;
    this.#counts.packets += 1;
    if (before === undefined) return;
    await muxer.add(before.data, before.firstSample, before.samples);
    await this.#send(options);
  }

  async #open(): Promise<Muxer> {
    const head = { bytes: this.#head, numberOfChannels: this.numberOfChannels };
    this.#muxer ??= await Muxer.open(head, (page) => this.#pages.push(page));
    return this.#muxer;
  }

  async #send(options: AbortOptions): Promise<void> {
    for (let page = this.#pages.shift(); page !== undefined; page = this.#pages.shift()) {
      throwIfAborted(options.signal);
      await raceAbort(Promise.resolve(this.#sink.write(page)), options.signal);
      this.#counts.fileBytes += page.length;
    }
  }

  async #run(work: () => Promise<void>): Promise<void> {
    this.#busy = true;
    try {
      await work();
    } catch (error) {
      this.#failure = { error };
      throw error;
    } finally {
      this.#busy = false;
    }
  }

  #checkOpen(): void {
    if (this.#busy) throw busyError();
    if (this.#closed !== undefined) throw new ConicError("closed", "the Ogg file is complete");
    if (this.#failure !== undefined) {
      throw new ConicError("closed", "an earlier write failed", { cause: this.#failure.error });
    }
  }
}

function busyError(): ConicError<"invalid_state"> {
  return new ConicError("invalid_state", "an earlier call has not finished; await each one");
}

function checkWhole(name: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= most) return;
  throw invalidArgument(`${name} is a whole number from 0 to ${most}, not ${value}`);
}
