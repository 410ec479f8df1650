import { ConicError } from "@conic/domain";
import { decodeSamples } from "../../pcm/decode.js";
import { checkTarget } from "../../pcm/int16.js";
import { int16Samples, rawSamples, type RawSamples } from "../../pcm/raw.js";
import { invalidArgument } from "../../errors.js";
import type { WavFormat } from "../format.js";

/**
 * Consecutive whole frames of a WAV file. Nothing is converted until it is asked for; each method converts anew.
 *
 * `bytes`, and what `raw()` and `int16()` return, may be views of the source's own memory: valid for as long as
 * the source leaves its chunk alone, which for a file handle is until the next block is asked for. Floats are
 * never views.
 */
export class WavBlock {
  readonly format: WavFormat;
  /** Index in the file of its first frame. */
  readonly firstFrame: number;
  readonly frames: number;
  /** The frames as they are stored. */
  readonly bytes: Uint8Array;

  constructor(format: WavFormat, firstFrame: number, bytes: Uint8Array) {
    this.format = format;
    this.firstFrame = firstFrame;
    this.frames = bytes.length / format.blockAlign;
    this.bytes = bytes;
  }

  /**
   * Floats, full scale ±1, frame after frame. They are written to `target` when one is given; returned is the part
   * of it that was filled.
   * @throws ConicError `invalid_argument` when `target` has fewer than `frames` × channels elements.
   */
  interleaved(target?: Float32Array): Float32Array {
    const count = this.frames * this.format.channels;
    const floats = fitting(target, count);
    decodeSamples(this.bytes, this.format, { first: 0, step: 1, count, at: 0 }, floats);
    return floats;
  }

  /** One array of floats, full scale ±1, per channel; `targets` as in {@link interleaved}, one per channel. */
  planar(targets?: readonly Float32Array[]): Float32Array[] {
    const { channels } = this.format;
    if (targets !== undefined && targets.length !== channels) {
      throw invalidArgument(`${channels} channels need as many targets, not ${targets.length}`);
    }
    return Array.from({ length: channels }, (_, channel) =>
      this.channel(channel, targets?.[channel]),
    );
  }

  /** The floats of one channel, counted from 0. */
  channel(channel: number, target?: Float32Array): Float32Array {
    const { channels } = this.format;
    if (!(Number.isInteger(channel) && channel >= 0 && channel < channels)) {
      throw invalidArgument(`channel ${channel} is not one of 0 to ${channels - 1}`);
    }
    const floats = fitting(target, this.frames);
    const selection = { first: channel, step: channels, count: this.frames, at: 0 };
    decodeSamples(this.bytes, this.format, selection, floats);
    return floats;
  }

  /** The samples as stored, without conversion; without a copy too, if order and alignment allow. */
  raw(): RawSamples {
    return rawSamples(this.bytes, this.format);
  }

  /** {@link raw} of a file of 16-bit PCM. @throws ConicError `unsupported` for any other file. */
  int16(): Int16Array {
    const { encoding, bitsPerSample, byteOrder } = this.format;
    if (encoding === "pcm" && bitsPerSample === 16) return int16Samples(this.bytes, byteOrder);
    throw new ConicError(
      "unsupported",
      `the file stores ${encoding} of ${bitsPerSample} bits, not PCM of 16; use raw() or interleaved()`,
    );
  }
}

function fitting(target: Float32Array | undefined, count: number): Float32Array {
  if (target === undefined) return new Float32Array(count);
  checkTarget(target.length, count);
  return target.subarray(0, count);
}
