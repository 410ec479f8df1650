import { encodeSamples } from "../../pcm/encode.js";
import { invalidArgument } from "../../errors.js";
import type { WavFormat } from "../format.js";

/** Floats, full scale ±1: interleaved in one array, or one array of equal length per channel. */
export type FloatFrames = Float32Array | readonly Float32Array[];

/** @throws ConicError `invalid_argument` unless `samples` holds whole frames of so many channels. */
export function countFrames(samples: FloatFrames, channels: number): number {
  if (samples instanceof Float32Array) {
    if (samples.length % channels === 0) return samples.length / channels;
    throw invalidArgument(`${samples.length} samples are not whole frames of ${channels} channels`);
  }
  if (samples.length !== channels) {
    throw invalidArgument(`${channels} channels need as many arrays, not ${samples.length}`);
  }
  const frames = samples[0]?.length ?? 0;
  if (samples.every((channel) => channel.length === frames)) return frames;
  throw invalidArgument("the channels differ in length");
}

/** Stores `count` frames from `from` on at the start of `target`; returns how many samples were clipped. */
export function encodeFrames(
  samples: FloatFrames,
  from: number,
  count: number,
  format: WavFormat,
  target: Uint8Array,
): number {
  const { channels } = format;
  if (samples instanceof Float32Array) {
    const placement = { from: from * channels, count: count * channels, first: 0, step: 1 };
    return encodeSamples(samples, placement, format, target);
  }
  let clipped = 0;
  for (const [first, channel] of samples.entries()) {
    clipped += encodeSamples(channel, { from, count, first, step: channels }, format, target);
  }
  return clipped;
}
