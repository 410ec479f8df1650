import { positiveAlaw, positiveMulaw } from "./g711-tables.js";
import { u16, u32 } from "./riff.js";

/** Stored samples and the floats that they stand for, one array per channel. */
export interface Samples {
  readonly bytes: number[];
  readonly expected: number[][];
}

export const fixtureFrames = 480;

/** A wave of -1 to 1 with every sign and both extremes in it, different in each channel. */
function wave(frame: number, channel: number): number {
  if (frame === 0) return -1;
  if (frame === 1) return 1;
  return Math.sin(frame * (0.05 + 0.03 * channel)) * 0.9;
}

function build(
  channels: number,
  frames: number,
  store: (value: number) => { bytes: number[]; float: number },
): Samples {
  const bytes: number[] = [];
  const expected: number[][] = Array.from({ length: channels }, () => []);
  for (let frame = 0; frame < frames; frame += 1) {
    for (const [channel, floats] of expected.entries()) {
      const stored = store(wave(frame, channel));
      bytes.push(...stored.bytes);
      floats.push(stored.float);
    }
  }
  return { bytes, expected };
}

export interface PcmOptions {
  readonly channels?: number;
  readonly frames?: number;
  /** Bits of the value, kept in the upper bits of the container. */
  readonly valid?: number;
  readonly big?: boolean;
}

/** Linear integers of 8, 16, 24 or 32 bits. */
export function pcm(bits: number, options: PcmOptions = {}): Samples {
  const { channels = 1, frames = fixtureFrames, valid = bits, big = false } = options;
  const half = 2 ** (valid - 1);
  return build(channels, frames, (value) => {
    const integer = Math.max(-half, Math.min(half - 1, Math.floor(value * half)));
    const stored = integer * 2 ** (bits - valid);
    return { bytes: integerBytes(stored, bits, big), float: integer / half };
  });
}

function integerBytes(value: number, bits: number, big: boolean): number[] {
  if (bits === 8) return [value + 128];
  if (bits === 16) return u16(value, big);
  const bytes = u32(bits === 24 ? value * 256 : value, big);
  if (bits === 32) return bytes;
  return big ? bytes.slice(0, 3) : bytes.slice(1);
}

export function float(bits: 32 | 64, channels = 1, big = false): Samples {
  return build(channels, fixtureFrames, (value) => {
    const view = new DataView(new ArrayBuffer(bits / 8));
    if (bits === 32) view.setFloat32(0, value, !big);
    else view.setFloat64(0, value, !big);
    return { bytes: [...new Uint8Array(view.buffer)], float: Math.fround(value) };
  });
}

/** Every code, in order. */
export function g711(law: "alaw" | "mulaw"): Samples {
  const positive = law === "alaw" ? positiveAlaw : positiveMulaw;
  const linear = [...positive.map((value) => 0 - value), ...positive];
  return {
    bytes: linear.map((_, code) => code),
    expected: [linear.map((value) => value / 32_768)],
  };
}
