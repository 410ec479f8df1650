import { invalidArgument } from "../errors.js";
import { convolveEach, convolveStereo } from "./convolve.js";
import { kernelFor, ratioOf, type Kernel, type Ratio } from "./kernel.js";

export interface ResamplerOptions {
  /** Sample rate of the input, in Hz: {@link minSampleRate} to {@link maxSampleRate}. */
  readonly from: number;
  /** Sample rate of the output, likewise. Default 48,000. */
  readonly to?: number | undefined;
  /** 1 to {@link maxResamplerChannels}. */
  readonly channels: number;
}

export const minSampleRate = 1_000;
export const maxSampleRate = 768_000;
export const maxResamplerChannels = 256;

/** Frames that are taken in at once: bounds the buffer, whatever the blocks are. */
const maxPieceFrames = 16_384;

/**
 * Changes the sample rate of a stream: a polyphase filter with a Kaiser window of 80 taps. Its delay is taken out:
 * output frame n is the input at n × `from` / `to`. N input frames become ⌈N × `to` / `from`⌉, exactly, over the whole
 * stream, in blocks of any size.
 */
export class Resampler {
  readonly from: number;
  readonly to: number;
  readonly channels: number;
  readonly #ratio: Ratio;
  /** Undefined when nothing changes. */
  readonly #kernel: Kernel | undefined;
  /** The row between two rows, where a kernel is blended. */
  readonly #blend: Float32Array;
  #buffer: Float32Array;
  /** Frames in the buffer. */
  #frames = 0;
  /** First frame of the buffer that the next output frame is made of. */
  #next = 0;
  /** Position of the next output frame after its input frame, in 1 / `up` of a frame. */
  #phase = 0;

  /** @throws ConicError `invalid_argument` for rates or channels out of range. */
  constructor(options: ResamplerOptions) {
    const { from, to = 48_000, channels } = options;
    checkWhole("from", from, minSampleRate, maxSampleRate);
    checkWhole("to", to, minSampleRate, maxSampleRate);
    checkWhole("channels", channels, 1, maxResamplerChannels);
    this.from = from;
    this.to = to;
    this.channels = channels;
    this.#ratio = ratioOf(from, to);
    this.#kernel = from === to ? undefined : kernelFor(this.#ratio);
    this.#blend = new Float32Array(this.#kernel?.blended === true ? this.#kernel.taps : 0);
    this.#buffer = new Float32Array(0);
    this.#reset();
  }

  /**
   * Takes the next frames in; returns those that are complete, which lag behind by half a filter until `flush`.
   * @param interleaved whole frames, as many as there are
   * @throws ConicError `invalid_argument` for a partial frame.
   */
  process(interleaved: Float32Array): Float32Array {
    const { channels } = this;
    if (interleaved.length % channels !== 0) {
      throw invalidArgument(
        `${interleaved.length} samples are not whole frames of ${channels} channels`,
      );
    }
    if (this.#kernel === undefined) return interleaved.slice();
    const frames = interleaved.length / channels;
    if (frames <= maxPieceFrames) {
      this.#append(interleaved);
      return this.#render(this.#kernel);
    }
    const parts: Float32Array[] = [];
    for (let from = 0; from < interleaved.length; from += maxPieceFrames * channels) {
      this.#append(interleaved.subarray(from, from + maxPieceFrames * channels));
      parts.push(this.#render(this.#kernel));
    }
    return joined(parts);
  }

  /** The last frames. Afterwards the resampler is as new. */
  flush(): Float32Array {
    if (this.#kernel === undefined) return new Float32Array(0);
    // With silence after the last input frame, exactly the outputs before the end of that frame become complete.
    this.#append(new Float32Array((this.#kernel.taps / 2) * this.channels));
    const rest = this.#render(this.#kernel);
    this.#reset();
    return rest;
  }

  #reset(): void {
    this.#phase = 0;
    this.#next = 0;
    this.#frames = 0;
    if (this.#kernel === undefined) return;
    // Silence before the first frame: half a filter less that frame itself.
    this.#append(new Float32Array((this.#kernel.taps / 2 - 1) * this.channels));
  }

  #append(interleaved: Float32Array): void {
    const { channels } = this;
    const frames = interleaved.length / channels;
    this.#buffer.copyWithin(0, this.#next * channels, this.#frames * channels);
    this.#frames -= this.#next;
    this.#next = 0;
    const needed = (this.#frames + frames) * channels;
    if (needed > this.#buffer.length) {
      const larger = new Float32Array(needed);
      larger.set(this.#buffer.subarray(0, this.#frames * channels));
      this.#buffer = larger;
    }
    this.#buffer.set(interleaved, this.#frames * channels);
    this.#frames += frames;
  }

  #render(kernel: Kernel): Float32Array {
    const { channels } = this;
    const { up, down } = this.#ratio;
    const spare = this.#frames - kernel.taps - this.#next;
    if (spare < 0) return new Float32Array(0);
    const count = Math.floor(((spare + 1) * up - 1 - this.#phase) / down) + 1;
    const out = new Float32Array(Math.max(0, count) * channels);
    // Locals: in this loop, fields cost a quarter of the speed.
    const { taps, blended } = kernel;
    const table = blended ? this.#blend : kernel.table;
    const samples = this.#buffer;
    let phase = this.#phase;
    let next = this.#next;
    for (let o = 0; o < out.length; o += channels) {
      if (blended) this.#blendRow(kernel, phase);
      const row = blended ? 0 : phase * taps;
      if (channels === 2) convolveStereo(table, row, taps, samples, next * 2, out, o);
      else convolveEach(table, row, taps, samples, next * channels, channels, out, o);
      for (phase += down; phase >= up; phase -= up) next += 1;
    }
    this.#phase = phase;
    this.#next = next;
    return out;
  }

  #blendRow({ table, taps, phases }: Kernel, phase: number): void {
    const position = (phase / this.#ratio.up) * phases;
    const first = Math.floor(position);
    const part = position - first;
    const at = first * taps;
    for (let tap = 0; tap < taps; tap += 1) {
      const weight = table[at + tap] ?? 0;
      this.#blend[tap] = weight + part * ((table[at + taps + tap] ?? 0) - weight);
    }
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function checkWhole(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw invalidArgument(`${name} is a whole number from ${least} to ${most}, not ${value}`);
}
