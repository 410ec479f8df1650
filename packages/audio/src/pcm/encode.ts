import type { WavFormat } from "../wav/format.js";
import { encodeAlaw, encodeMulaw } from "./g711.js";

/** Which floats to write, and to where. */
export interface Placement {
  /** Index of the first sample in the source. */
  readonly from: number;
  readonly count: number;
  /** Index of its place in the target, counted in samples over all channels. */
  readonly first: number;
  /** Distance to the place of the next: 1 when interleaved, the number of channels for one channel. */
  readonly step: number;
}

/** Returns how many samples were beyond full scale. */
type StoreKernel = (
  source: Float32Array,
  p: Placement,
  view: DataView,
  validBits: number,
) => number;

/**
 * Stores floats, full scale ±1, as little-endian samples of `format`. Integers are rounded to `validBits` and
 * clipped; NaN becomes 0. Floats are stored as they are.
 * @returns how many samples were clipped.
 */
export function encodeSamples(
  source: Float32Array,
  placement: Placement,
  format: WavFormat,
  target: Uint8Array,
): number {
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  return storeKernel(format)(source, placement, view, format.validBits);
}

function storeKernel(format: WavFormat): StoreKernel {
  const { encoding, bitsPerSample: bits } = format;
  if (encoding === "alaw") return alaw;
  if (encoding === "mulaw") return mulaw;
  if (encoding === "float") return bits === 32 ? float32 : float64;
  if (bits === 8) return unsigned8;
  if (bits === 16) return signed16;
  return bits === 24 ? signed24 : signed32;
}

/** The integer of `bits` bits nearest to a sample; ±1 and beyond are the largest ones. */
function quantise(sample: number, half: number): number {
  const value = Math.round(sample * half);
  if (value >= half) return half - 1;
  // NaN fails this comparison too.
  return value >= -half ? value : value < -half ? -half : 0;
}

const isBeyond = (sample: number): boolean => sample > 1 || sample < -1;

const unsigned8: StoreKernel = (source, { from, count, first, step }, view, validBits) => {
  const half = 2 ** (validBits - 1);
  const unit = 128 / half;
  let clipped = 0;
  for (let i = from, p = first; i < from + count; i += 1, p += step) {
    const sample = source[i] ?? 0;
    if (isBeyond(sample)) clipped += 1;
    view.setUint8(p, 128 + quantise(sample, half) * unit);
  }
  return clipped;
};

const signed16: StoreKernel = (source, { from, count, first, step }, view, validBits) => {
  const half = 2 ** (validBits - 1);
  const unit = 32768 / half;
  let clipped = 0;
  for (let i = from, p = first * 2; i < from + count; i += 1, p += step * 2) {
    const sample = source[i] ?? 0;
    if (isBeyond(sample)) clipped += 1;
    view.setInt16(p, quantise(sample, half) * unit, true);
  }
  return clipped;
};

const signed24: StoreKernel = (source, { from, count, first, step }, view, validBits) => {
  const half = 2 ** (validBits - 1);
  const unit = 8388608 / half;
  let clipped = 0;
  for (let i = from, p = first * 3; i < from + count; i += 1, p += step * 3) {
    const sample = source[i] ?? 0;
    if (isBeyond(sample)) clipped += 1;
    const value = quantise(sample, half) * unit;
    view.setUint16(p, value & 0xffff, true);
    view.setInt8(p + 2, value >> 16);
  }
  return clipped;
};

const signed32: StoreKernel = (source, { from, count, first, step }, view, validBits) => {
  const half = 2 ** (validBits - 1);
  const unit = 2147483648 / half;
  let clipped = 0;
  for (let i = from, p = first * 4; i < from + count; i += 1, p += step * 4) {
    const sample = source[i] ?? 0;
    if (isBeyond(sample)) clipped += 1;
    view.setInt32(p, quantise(sample, half) * unit, true);
  }
  return clipped;
};

const float32: StoreKernel = (source, { from, count, first, step }, view) => {
  for (let i = from, p = first * 4; i < from + count; i += 1, p += step * 4) {
    view.setFloat32(p, source[i] ?? 0, true);
  }
  return 0;
};

const float64: StoreKernel = (source, { from, count, first, step }, view) => {
  for (let i = from, p = first * 8; i < from + count; i += 1, p += step * 8) {
    view.setFloat64(p, source[i] ?? 0, true);
  }
  return 0;
};

const alaw: StoreKernel = (source, { from, count, first, step }, view) => {
  let clipped = 0;
  for (let i = from, p = first; i < from + count; i += 1, p += step) {
    const sample = source[i] ?? 0;
    if (isBeyond(sample)) clipped += 1;
    view.setUint8(p, encodeAlaw(quantise(sample, 32768)));
  }
  return clipped;
};

const mulaw: StoreKernel = (source, { from, count, first, step }, view) => {
  let clipped = 0;
  for (let i = from, p = first; i < from + count; i += 1, p += step) {
    const sample = source[i] ?? 0;
    if (isBeyond(sample)) clipped += 1;
    view.setUint8(p, encodeMulaw(quantise(sample, 32768)));
  }
  return clipped;
};
