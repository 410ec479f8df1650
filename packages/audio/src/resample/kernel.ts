/**
 * A low-pass filter cut into rows, one for each position of an output sample between two input samples.
 * Row `phase` weighs the `taps` input samples around it.
 */
export interface Kernel {
  /** Of one row; a multiple of 4. */
  readonly taps: number;
  /** Rows for one step from input sample to input sample. */
  readonly phases: number;
  /** `phases` rows, and, when they are to be blended, one more: the first, one sample later. */
  readonly table: Float32Array;
  /** Whether the ratio has more positions than there are rows: two neighbours are blended then. */
  readonly blended: boolean;
}

/** The ratio of two sample rates in lowest terms: `up` output samples take as long as `down` input samples. */
export interface Ratio {
  readonly up: number;
  readonly down: number;
}

/** Weights of one table that lists every position; 512 KiB. Beyond that, rows are blended. */
const maxExactWeights = 131_072;
/** Blending errs by (π / 1,024)² / 8 at most, which is -118 dB. */
const blendedPhases = 1_024;
/** Input samples that one output sample is made of, at the lower of the two rates. */
const baseTaps = 80;
/** Stop band of -106 dB. */
const kaiserBeta = 0.1102 * (106 - 8.7);
/**
 * Middle of the transition band, as a part of the lower rate. With {@link baseTaps}, CDs pass flat up to 20 kHz,
 * and what folds back or shines through stays above that.
 */
const cutoff = 0.49;

/** Tables that are kept for resamplers to come; those in use live as long as their users. */
const maxKeptKernels = 16;
const kept = new Map<string, Kernel>();

export function ratioOf(from: number, to: number): Ratio {
  let [a, b] = [from, to];
  while (b !== 0) [a, b] = [b, a % b];
  return { up: to / a, down: from / a };
}

/** The kernel of a ratio, made once for all resamplers that use it. */
export function kernelFor(ratio: Ratio): Kernel {
  const key = `${ratio.up}/${ratio.down}`;
  const kernel = kept.get(key) ?? makeKernel(ratio);
  kept.delete(key);
  kept.set(key, kernel);
  for (const oldest of kept.keys()) {
    if (kept.size <= maxKeptKernels) break;
    kept.delete(oldest);
  }
  return kernel;
}

function makeKernel({ up, down }: Ratio): Kernel {
  const slowdown = Math.max(1, down / up);
  const taps = Math.ceil((baseTaps * slowdown) / 4) * 4;
  const blended = up * taps > maxExactWeights;
  // The filter is wider where the rate falls, so that fewer rows are as close to each other.
  const phases = blended ? Math.ceil(blendedPhases / slowdown) : up;
  const rows = blended ? phases + 1 : phases;
  const table = new Float32Array(rows * taps);
  for (let row = 0; row < rows; row += 1) {
    fillRow(table.subarray(row * taps, (row + 1) * taps), row / phases, cutoff / slowdown);
  }
  return { taps, phases, table, blended };
}

/** @param frequency of the cut-off, in cycles per input sample */
function fillRow(row: Float32Array, offset: number, frequency: number): void {
  const half = row.length / 2;
  const weights = new Float64Array(row.length);
  let sum = 0;
  for (let tap = 0; tap < row.length; tap += 1) {
    const x = tap - half + 1 - offset;
    const weight = sinc(2 * frequency * x) * kaiser(x / half);
    weights[tap] = weight;
    sum += weight;
  }
  // Each row passes a constant unchanged: no row is louder than its neighbour.
  for (let tap = 0; tap < row.length; tap += 1) row[tap] = (weights[tap] ?? 0) / sum;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function kaiser(x: number): number {
  return Math.abs(x) >= 1 ? 0 : bessel(kaiserBeta * Math.sqrt(1 - x * x)) / bessel(kaiserBeta);
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function bessel(x: number): number {
  let sum = 1;
  let term = 1;
  for (let n = 1; term > sum * 1e-17; n += 1) {
    term *= (x / (2 * n)) ** 2;
    sum += term;
  }
  return sum;
}
