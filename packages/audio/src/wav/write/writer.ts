import { ConicError, raceAbort, throwIfAborted, type AbortOptions } from "@conic/domain";
import { invalidArgument } from "../../errors.js";
import type { WavContainer, WavFormat } from "../format.js";
import { countFrames, encodeFrames, type FloatFrames } from "./frames.js";
import { defaultMaxRiffBytes, encodeHeader, padBytes, type Header } from "./header.js";
import type { WavSink } from "./sink.js";
import { resolveSpec, type WavSpec } from "./spec.js";

export interface WavWriterOptions {
  /**
   * How many frames will be written, if that is known: the header is right from the start, and a sink that cannot
   * seek gets a file with sizes.
   */
  readonly frames?: number | undefined;
  /** RIFF size in bytes above which the file becomes RF64. Default 4294967294, the most that RIFF can say. */
  readonly maxRiffBytes?: number | undefined;
}

/** A file that was written. */
export interface WavFileSummary {
  readonly container: WavContainer;
  readonly format: WavFormat;
  readonly frames: number;
  readonly dataBytes: number;
  /** With headers and padding. */
  readonly fileBytes: number;
  /** Samples beyond full scale that an integer format had to clip. */
  readonly clippedSamples: number;
}

/** Bytes that are converted and handed to the sink at once. */
const scratchBytes = 256 * 1024;

/**
 * Writes a WAV file of any size, one call after the other. Headers go out with the first samples; `close()` fills
 * in the sizes, where the sink can seek. Until then, and for a sink that cannot, they say "streamed", so that what
 * a crash leaves behind can be read to its end. The file is RF64 when it does not fit into RIFF.
 *
 * Errors of the sink pass unchanged. After any of them, and after `aborted`, the writer takes no more.
 */
export class WavWriter implements AsyncDisposable {
  readonly format: WavFormat;
  readonly #sink: WavSink;
  readonly #declaredFrames: number | undefined;
  readonly #maxRiffBytes: number;
  readonly #scratch: Uint8Array;
  #header: Header | undefined;
  #dataBytes = 0;
  #clippedSamples = 0;
  #busy = false;
  #failure: { readonly error: unknown } | undefined;
  #closed: Promise<WavFileSummary> | undefined;

  /** @throws ConicError `invalid_argument` for a format that WAV files cannot have. */
  constructor(sink: WavSink, spec: WavSpec, options: WavWriterOptions = {}) {
    const { frames, maxRiffBytes = defaultMaxRiffBytes } = options;
    this.format = resolveSpec(spec);
    if (frames !== undefined && !(Number.isSafeInteger(frames) && frames >= 0)) {
      throw invalidArgument(`frames is a whole number from 0 on, not ${frames}`);
    }
    if (!(maxRiffBytes >= 0 && maxRiffBytes <= defaultMaxRiffBytes)) {
      throw invalidArgument(`maxRiffBytes is 0 to ${defaultMaxRiffBytes}, not ${maxRiffBytes}`);
    }
    this.#sink = sink;
    this.#declaredFrames = frames;
    this.#maxRiffBytes = maxRiffBytes;
    const { blockAlign } = this.format;
    this.#scratch = new Uint8Array(Math.floor(scratchBytes / blockAlign) * blockAlign);
  }

  /** Frames written so far. */
  get frames(): number {
    return this.#dataBytes / this.format.blockAlign;
  }

  /**
   * Appends floats, full scale ±1: interleaved in one array, or one array per channel. Resolves when the sink has
   * taken them; wait for that before the next call.
   * @throws ConicError `invalid_argument` for arrays that do not hold whole frames, `too_large` beyond the declared
   * `frames`, `invalid_state` during another call, `closed`, `aborted`.
   */
  async write(samples: FloatFrames, options: AbortOptions = {}): Promise<void> {
    const frames = countFrames(samples, this.format.channels);
    await this.#append(frames, options, async (send) => {
      const step = this.#scratch.length / this.format.blockAlign;
      for (let from = 0; from < frames; from += step) {
        const count = Math.min(step, frames - from);
        const target = this.#scratch.subarray(0, count * this.format.blockAlign);
        this.#clippedSamples += encodeFrames(samples, from, count, this.format, target);
        await send(target);
      }
    });
  }

  /** Appends whole frames that are stored in the file's format already; else as {@link write}. */
  async writeRaw(bytes: Uint8Array, options: AbortOptions = {}): Promise<void> {
    const { blockAlign } = this.format;
    if (bytes.length % blockAlign !== 0) {
      throw invalidArgument(`${bytes.length} bytes are not whole frames of ${blockAlign} bytes`);
    }
    await this.#append(bytes.length / blockAlign, options, (send) => send(bytes));
  }

  /**
   * Completes the file; the sink stays open. Later calls return the same promise.
   * @throws ConicError `invalid_state` during a write, or when fewer frames came than were declared to a sink that
   * cannot seek; the first error of the sink.
   */
  close(): Promise<WavFileSummary> {
    if (this.#busy) return Promise.reject(busyError());
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** `close()`, but silent about an error that a write has thrown already. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#failure === undefined) await this.close();
  }

  async #append(
    frames: number,
    options: AbortOptions,
    run: (send: (bytes: Uint8Array) => Promise<void>) => Promise<void>,
  ): Promise<void> {
    if (this.#busy) throw busyError();
    if (this.#closed !== undefined) throw new ConicError("closed", "the WAV file is complete");
    if (this.#failure !== undefined) {
      throw new ConicError("closed", "an earlier write failed", { cause: this.#failure.error });
    }
    if (this.frames + frames > (this.#declaredFrames ?? Infinity)) {
      throw new ConicError("too_large", `only ${this.#declaredFrames} frames were declared`);
    }
    throwIfAborted(options.signal);
    this.#busy = true;
    try {
      await this.#sendHeader();
      await run(async (bytes) => {
        throwIfAborted(options.signal);
        await raceAbort(Promise.resolve(this.#sink.write(bytes)), options.signal);
        this.#dataBytes += bytes.length;
      });
    } catch (error) {
      this.#failure = { error };
      throw error;
    } finally {
      this.#busy = false;
    }
  }

  async #sendHeader(): Promise<Header> {
    if (this.#header !== undefined) return this.#header;
    const declared = this.#declaredFrames;
    const dataBytes = declared === undefined ? undefined : declared * this.format.blockAlign;
    const reserve = this.#seekable && declared === undefined;
    const maxRiffBytes = this.#maxRiffBytes;
    this.#header = encodeHeader(this.format, { dataBytes, reserve, maxRiffBytes });
    await this.#sink.write(this.#header.bytes);
    return this.#header;
  }

  get #seekable(): boolean {
    return this.#sink.overwrite !== undefined;
  }

  async #close(): Promise<WavFileSummary> {
    if (this.#failure !== undefined) throw this.#failure.error;
    try {
      return await this.#complete();
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  async #complete(): Promise<WavFileSummary> {
    let header = await this.#sendHeader();
    const dataBytes = this.#dataBytes;
    const exact = this.frames === this.#declaredFrames;
    if (!exact && !this.#seekable && this.#declaredFrames !== undefined) {
      throw new ConicError(
        "invalid_state",
        `${this.#declaredFrames} frames were declared, but ${this.frames} written`,
      );
    }
    // Whoever reads a file without sizes takes all that comes for samples: no pad byte.
    const pad = exact || this.#seekable ? padBytes(dataBytes) : 0;
    if (pad > 0) await this.#sink.write(new Uint8Array(pad));
    if (!exact && this.#seekable) {
      const maxRiffBytes = this.#maxRiffBytes;
      header = encodeHeader(this.format, { dataBytes, reserve: header.room, maxRiffBytes });
      await this.#sink.overwrite?.(header.bytes, 0);
    }
    return {
      container: header.container,
      format: this.format,
      frames: this.frames,
      dataBytes,
      fileBytes: header.bytes.length + dataBytes + pad,
      clippedSamples: this.#clippedSamples,
    };
  }
}

function busyError(): ConicError<"invalid_state"> {
  return new ConicError("invalid_state", "an earlier call has not finished; await each one");
}
