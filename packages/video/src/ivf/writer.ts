import { raceAbort, throwIfAborted, type AbortOptions, type EncodedChunk } from "@conic/domain";
import { invalidArgument } from "../errors.js";
import { checkSize } from "../frame/i420.js";
import { frameRateOf, type FrameRate } from "../frame/rate.js";
import type { VideoFileSink } from "../io/sink.js";
import { WriteGate } from "../io/write-gate.js";
import {
  encodeIvfHeader,
  frameCountPosition,
  ivfFrameHeaderBytes,
  ivfHeaderBytes,
  vp8FourCc,
} from "./header.js";

export interface IvfWriterOptions {
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** Frames a second: times are written in whole frames, which every player understands. Default 30. */
  readonly framerate?: number | FrameRate | undefined;
}

export interface IvfSummary {
  readonly frames: number;
  readonly keyFrames: number;
  /** From the first frame to the end of the last, in µs. */
  readonly duration: number;
  readonly fileBytes: number;
}

/** Writes VP8 frames to an IVF file, which can be read up to its last whole frame at any time. */
export class IvfWriter implements AsyncDisposable {
  readonly #sink: VideoFileSink;
  readonly #gate = new WriteGate<IvfSummary>();
  readonly #header: Uint8Array;
  readonly #rate: FrameRate;
  #headerWritten = false;
  #frames = 0;
  #keyFrames = 0;
  #fileBytes = 0;
  /** Of the first frame, in µs: the file starts at 0. */
  #start: number | undefined;
  #lastTick = -1;

  /** @throws ConicError `invalid_argument`. */
  constructor(sink: VideoFileSink, options: IvfWriterOptions) {
    const { width, height, framerate = 30 } = options;
    checkSize(width, height);
    this.#rate = frameRateOf(framerate);
    this.#sink = sink;
    const timebase = this.#rate;
    this.#header = encodeIvfHeader({ fourcc: vp8FourCc, width, height, timebase, frameCount: 0 });
  }

  /** Frames written so far. */
  get frames(): number {
    return this.#frames;
  }

  /**
   * Appends one frame. Its time is rounded to whole frames of the rate, and moved on where that one is taken.
   * Resolves when the sink has taken it; wait for that before the next call.
   * @throws ConicError `invalid_argument` for a frame without bytes, `invalid_state` during another call, `closed`,
   * `aborted`; errors of the sink pass unchanged, and end the file.
   */
  async write(chunk: EncodedChunk, options: AbortOptions = {}): Promise<void> {
    if (chunk.data.length === 0) throw invalidArgument("a frame has at least one byte");
    throwIfAborted(options.signal);
    await this.#gate.write(async () => {
      await this.#writeHeader();
      const tick = this.#tickOf(chunk.timestamp);
      const bytes = new Uint8Array(ivfFrameHeaderBytes + chunk.data.length);
      const view = new DataView(bytes.buffer);
      view.setUint32(0, chunk.data.length, true);
      view.setBigUint64(4, BigInt(tick), true);
      bytes.set(chunk.data, ivfFrameHeaderBytes);
      await raceAbort(Promise.resolve(this.#sink.write(bytes)), options.signal);
      this.#lastTick = tick;
      this.#frames += 1;
      this.#keyFrames += chunk.type === "key" ? 1 : 0;
      this.#fileBytes += bytes.length;
    });
  }

  /**
   * Completes the file: a sink that can seek gets the number of frames into its header. The sink stays open. Later
   * calls return the same promise.
   * @throws ConicError `invalid_state` during a write; the first error of the sink.
   */
  close(): Promise<IvfSummary> {
    return this.#gate.close(() => this.#complete());
  }

  /** `close()`, but silent about an error that a write has thrown already. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#gate.dispose(() => this.#complete());
  }

  #tickOf(timestamp: number): number {
    this.#start ??= timestamp;
    const { numerator, denominator } = this.#rate;
    const tick = Math.round(((timestamp - this.#start) * numerator) / (denominator * 1_000_000));
    return Math.max(tick, this.#lastTick + 1);
  }

  async #writeHeader(): Promise<void> {
    if (this.#headerWritten) return;
    await this.#sink.write(this.#header);
    this.#headerWritten = true;
    this.#fileBytes += ivfHeaderBytes;
  }

  async #complete(): Promise<IvfSummary> {
    await this.#writeHeader();
    const count = new Uint8Array(4);
    new DataView(count.buffer).setUint32(0, this.#frames, true);
    await this.#sink.overwrite?.(count, frameCountPosition);
    const { numerator, denominator } = this.#rate;
    return {
      frames: this.#frames,
      keyFrames: this.#keyFrames,
      duration: Math.round(((this.#lastTick + 1) * denominator * 1_000_000) / numerator),
      fileBytes: this.#fileBytes,
    };
  }
}
