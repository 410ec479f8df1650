/**
 * The inner loops of the resampler. Float32 tables and buffers halve the memory traffic of doubles, sums are doubles;
 * four taps a turn, in independent sums, is where V8 stops getting faster.
 */

/**
 * Sum of `taps` weights from `row` on, times the samples of a channel from frame `at` on; for each channel of the
 * interleaved frame, to `out[o]` and on.
 */
export function convolveEach(
  table: Float32Array,
  row: number,
  taps: number,
  samples: Float32Array,
  at: number,
  channels: number,
  out: Float32Array,
  o: number,
): void {
  const end = row + taps;
  for (let channel = 0; channel < channels; channel += 1) {
    let a = 0;
    let b = 0;
    for (let tap = row, i = at + channel; tap < end; tap += 4, i += 4 * channels) {
      a += value(table, tap) * value(samples, i);
      b += value(table, tap + 1) * value(samples, i + channels);
      a += value(table, tap + 2) * value(samples, i + 2 * channels);
      b += value(table, tap + 3) * value(samples, i + 3 * channels);
    }
    out[o + channel] = a + b;
  }
}

/** {@link convolveEach} of both channels of interleaved stereo at once. */
export function convolveStereo(
  table: Float32Array,
  row: number,
  taps: number,
  samples: Float32Array,
  at: number,
  out: Float32Array,
  o: number,
): void {
  let left = 0;
  let right = 0;
  let left2 = 0;
  let right2 = 0;
  const end = row + taps;
  for (let tap = row, i = at; tap < end; tap += 4, i += 8) {
    const w0 = value(table, tap);
    const w1 = value(table, tap + 1);
    const w2 = value(table, tap + 2);
    const w3 = value(table, tap + 3);
    left += w0 * value(samples, i);
    right += w0 * value(samples, i + 1);
    left2 += w1 * value(samples, i + 2);
    right2 += w1 * value(samples, i + 3);
    left += w2 * value(samples, i + 4);
    right += w2 * value(samples, i + 5);
    left2 += w3 * value(samples, i + 6);
    right2 += w3 * value(samples, i + 7);
  }
  out[o] = left + left2;
  out[o + 1] = right + right2;
}

/** Callers keep the index in range; the compiler cannot know, and a check of its own costs a third of the speed. */
function value(array: Float32Array, index: number): number {
  return array[index] as number;
}
