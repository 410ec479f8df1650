import { invalidArgument } from "../errors.js";

/**
 * Floats, full scale ±1, as 16-bit integers: rounded to the nearest and clipped; NaN becomes 0. They are written
 * to `target` when one is given; returned is the part of it that was filled.
 * @throws ConicError `invalid_argument` when `target` is shorter than `samples`.
 */
export function floatToInt16(
  samples: Float32Array,
  target: Int16Array = new Int16Array(samples.length),
): Int16Array {
  checkTarget(target.length, samples.length);
  for (let i = 0; i < samples.length; i += 1) {
    // Not Math.round, which is much slower; the cast of NaN to an integer element is 0.
    const value = Math.floor((samples[i] ?? 0) * 32768 + 0.5);
    target[i] = value > 32767 ? 32767 : value < -32768 ? -32768 : value;
  }
  return target.subarray(0, samples.length);
}

/** 16-bit integers as floats, full scale ±1; {@link floatToInt16} gives the same integers back. */
export function int16ToFloat(
  samples: Int16Array,
  target: Float32Array = new Float32Array(samples.length),
): Float32Array {
  checkTarget(target.length, samples.length);
  for (let i = 0; i < samples.length; i += 1) target[i] = (samples[i] ?? 0) / 32768;
  return target.subarray(0, samples.length);
}

/** @throws ConicError `invalid_argument` when a target has fewer elements than are written to it. */
export function checkTarget(length: number, needed: number): void {
  if (length >= needed) return;
  throw invalidArgument(`the target has ${length} elements; ${needed} are needed`);
}
