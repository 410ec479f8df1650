import { invalidArgument } from "../errors.js";
import { oscillator, type Waveform } from "./oscillator.js";

export interface ToneOptions {
  /** Default `sine`. `square` is not band-limited; `noise` is white, and the same for the same `seed`. */
  readonly waveform?: Waveform | undefined;
  /** In Hz, above 0 and below half the sample rate; without meaning for `silence` and `noise`. Default 440. */
  readonly frequency?: number | undefined;
  /** In Hz. Default 48 000. */
  readonly sampleRate?: number | undefined;
  /** All channels carry the same samples, interleaved. Default 1. */
  readonly channels?: number | undefined;
  /** Peak, 0 to 1. Default 0.3. */
  readonly amplitude?: number | undefined;
  /** Frames to generate. Default no end. */
  readonly frames?: number | undefined;
  /** Frames of every block but the last. Default 960: 20 ms of 48 kHz. */
  readonly framesPerBlock?: number | undefined;
  /** Of `noise`: any 32-bit integer. Default 1. */
  readonly seed?: number | undefined;
}

export const maxToneFramesPerBlock: number = 2 ** 20;
export const maxToneChannels = 256;

/**
 * Blocks of interleaved floats, full scale ±1, each a new array. The phase runs on from block to block, and is
 * computed from the index of the frame: it does not drift, however long the tone lasts.
 * @throws ConicError `invalid_argument` for options out of range, at once.
 */
export function tone(options: ToneOptions = {}): IterableIterator<Float32Array> {
  const {
    waveform = "sine",
    frequency = 440,
    sampleRate = 48_000,
    channels = 1,
    amplitude = 0.3,
    frames = Infinity,
    framesPerBlock = 960,
    seed = 1,
  } = options;
  if (!(sampleRate > 0 && sampleRate < Infinity)) {
    throw invalidArgument(`sampleRate is above 0, not ${sampleRate}`);
  }
  if (!(frequency > 0 && frequency < sampleRate / 2)) {
    throw invalidArgument(
      `frequency is above 0 and below half the sample rate, ${sampleRate / 2} Hz; not ${frequency}`,
    );
  }
  if (!(amplitude >= 0 && amplitude <= 1)) {
    throw invalidArgument(`amplitude is 0 to 1, not ${amplitude}`);
  }
  if (!(frames === Infinity || (Number.isSafeInteger(frames) && frames >= 0))) {
    throw invalidArgument(`frames is a whole number from 0 on, not ${frames}`);
  }
  checkCount("channels", channels, maxToneChannels);
  checkCount("framesPerBlock", framesPerBlock, maxToneFramesPerBlock);
  const next = oscillator({ waveform, frequency, sampleRate, seed });
  return blocks(next, { channels, amplitude, frames, framesPerBlock });
}

function* blocks(
  next: (frame: number) => number,
  shape: { channels: number; amplitude: number; frames: number; framesPerBlock: number },
): Generator<Float32Array, undefined> {
  const { channels, amplitude, frames, framesPerBlock } = shape;
  for (let start = 0; start < frames; start += framesPerBlock) {
    const count = Math.min(framesPerBlock, frames - start);
    const block = new Float32Array(count * channels);
    for (let i = 0; i < count; i += 1) {
      block.fill(amplitude * next(start + i), i * channels, (i + 1) * channels);
    }
    yield block;
  }
}

function checkCount(name: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw invalidArgument(`${name} is a whole number from 1 to ${most}, not ${value}`);
}
