// Fair comparison on a noisy machine: contenders run in random order within each round, one of them runs twice as a
// control, and figures are ratios to the reference of the same round.

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** @param {readonly number[]} values @param {number} fraction */
export function percentile(values, fraction) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? Number.NaN;
}

/** @template T @param {T[]} items */
export function shuffled(items) {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i -= 1) {
    const j = Math.floor(Math.random() * (i + 1));
    const swap = result[i];
    result[i] = /** @type {T} */ (result[j]);
    result[j] = /** @type {T} */ (swap);
  }
  return result;
}

export const quick = process.env["CONIC_BENCH_QUICK"] === "1";

/**
 * Runs every contender once a round and the first one twice.
 *
 * @param {object} options
 * @param {string} options.figure what is measured, with its unit
 * @param {string} options.reference name of the contender that the others are compared with
 * @param {Record<string, () => Promise<number>>} options.contenders
 * @param {number} [options.rounds]
 * @returns {Promise<{ rows: Record<string, string | number>[], note: string }>}
 */
export async function compare({ figure, reference, contenders, rounds = quick ? 2 : 5 }) {
  const [subject] = Object.keys(contenders);
  if (subject === undefined) throw new Error("nothing to compare");
  const control = `${subject} again (control)`;
  const all = { ...contenders, [control]: contenders[subject] };
  /** @type {Map<string, number[]>} */
  const figures = new Map(Object.keys(all).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, run] of shuffled(Object.entries(all))) {
      figures.get(name)?.push((await run?.()) ?? Number.NaN);
    }
  }
  const base = figures.get(reference) ?? [];
  const rows = [...figures].map(([name, values]) => ({
    [figure]: name,
    median: round3(median(values)),
    min: round3(Math.min(...values)),
    max: round3(Math.max(...values)),
    [`ratio to ${reference}`]: round3(
      median(values.map((value, i) => value / (base[i] ?? Number.NaN))),
    ),
  }));
  const twin = median(figures.get(control) ?? []) / median(figures.get(subject) ?? []);
  const spread = Math.max(twin, 1 / twin) - 1;
  const note =
    spread > 0.2
      ? `VOID: the twins differ by ${(spread * 100).toFixed(0)} %: the machine was too noisy`
      : `control: the twins differ by ${(spread * 100).toFixed(0)} %`;
  return { rows, note };
}

/** @param {number} value */
export function round3(value) {
  return Number(value.toPrecision(3));
}
