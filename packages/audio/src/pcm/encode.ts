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

// As in decode.ts: one loop per format. Adding a half and rounding down is what Math.round does, at four times the
// speed; and only samples out of range, which are rare, are looked at twice.

/** The value in range for one that is not: NaN is 0. */
function clip(value: number, half: number): number {
  if (value < -half) return -half;
  return value > 0 ? half - 1 : 0;
}

/** 1 for a sample beyond full scale; +1.0, for which there is no integer either, is not beyond it. */
function beyond(value: number, half: number): number {
  return value > half || value < -half ? 1 : 0;
}

const unsigned8: StoreKernel = (source, { from, count, first, step }, view, validBits) => {
  const half = 2 ** (validBits - 1);
  const unit = 128 / half;
  let clipped = 0;
  for (let i = from, p = first; i < from + count; i += 1, p += step) {
    let value = (source[i] ?? 0) * half;
    if (!(value >= -half && value <= half - 1)) {
      clipped += beyond(value, half);
      value = clip(value, half);
    }
    view.setUint8(p, 128 + Math.floor(value + 0.5) * unit);
  }
  return clipped;
};

const signed16: StoreKernel = (source, { from, count, first, step }, view, validBits) => {
  const half = 2 ** (validBits - 1);
  const unit = 32768 / half;
  let clipped = 0;
  for (let i = from, p = first * 2; i < from + count; i += 1, p += step * 2) {
    let value = (source[i] ?? 0) * half;
    if (!(value >= -half && value <= half - 1)) {
      clipped += beyond(value, half);
      value = clip(value, half);
    }
    view.setInt16(p, Math.floor(value + 0.5) * unit, true);
  }
  return clipped;
};

const signed24: StoreKernel = (source, { from, count, first, step }, view, validBits) => {
  const half = 2 ** (validBits - 1);
  const unit = 8388608 / half;
  let clipped = 0;
  for (let i = from, p = first * 3; i < from + count; i += 1, p += step * 3) {
    let value = (source[i] ?? 0) * half;
    if (!(value >= -half && value <= half - 1)) {
      clipped += beyond(value, half);
      value = clip(value, half);
    }
    const stored = Math.floor(value + 0.5) * unit;
    view.setUint16(p, stored & 0xffff, true);
    view.setInt8(p + 2, stored >> 16);
  }
  return clipped;
};

const signed32: StoreKernel = (source, { from, count, first, step }, view, validBits) => {
  const half = 2 ** (validBits - 1);
  const unit = 2147483648 / half;
  let clipped = 0;
  for (let i = from, p = first * 4; i < from + count; i += 1, p += step * 4) {
    let value = (source[i] ?? 0) * half;
    if (!(value >= -half && value <= half - 1)) {
      clipped += beyond(value, half);
      value = clip(value, half);
    }
    view.setInt32(p, Math.floor(value + 0.5) * unit, true);
  }
  return clipped;
};

const alaw: StoreKernel = (source, { from, count, first, step }, view) => {
  const half = 32768;
  let clipped = 0;
  for (let i = from, p = first; i < from + count; i += 1, p += step) {
    let value = (source[i] ?? 0) * half;
    if (!(value >= -half && value <= half - 1)) {
      clipped += beyond(value, half);
      value = clip(value, half);
    }
    view.setUint8(p, encodeAlaw(Math.floor(value + 0.5)));
  }
  return clipped;
};

const mulaw: StoreKernel = (source, { from, count, first, step }, view) => {
  const half = 32768;
  let clipped = 0;
  for (let i = from, p = first; i < from + count; i += 1, p += step) {
    let value = (source[i] ?? 0) * half;
    if (!(value >= -half && value <= half - 1)) {
      clipped += beyond(value, half);
      value = clip(value, half);
    }
    view.setUint8(p, encodeMulaw(Math.floor(value + 0.5)));
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
