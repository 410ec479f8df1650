// Rounds in which every contender is measured once, in random order, and what comes of them. Nothing is left out.
import { median, quick, round3, shuffled } from "../harness.mjs";
import { reference, subject, twin } from "./contenders.mjs";

/** @import { Contender, Goal, Outcome } from "./types.js" */

/** @typedef {ReadonlyMap<string, readonly Outcome[]>} Results outcomes of each round, by contender */

/** Above this difference of two equals, differences of others mean nothing. */
const maxTwinSpread = 0.2;

/**
 * @param {object} options
 * @param {readonly Contender[]} options.contenders
 * @param {number} options.rounds
 * @param {(contender: Contender) => Promise<Record<string, number>>} options.run
 * @returns {Promise<Results>}
 */
export async function inRounds({ contenders, rounds, run }) {
  /** @type {Map<string, Outcome[]>} */
  const results = new Map(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of shuffled([...contenders])) {
      results.get(contender.name)?.push(await outcomeOf(contender, run));
    }
  }
  return results;
}

/** @param {Contender} contender @param {(contender: Contender) => Promise<Record<string, number>>} run @returns {Promise<Outcome>} */
async function outcomeOf(contender, run) {
  try {
    return { values: await run(contender) };
  } catch (error) {
    const broken = error instanceof Error ? error.message : String(error);
    // A smoke is there to find this.
    if (quick) process.exitCode = 1;
    process.stderr.write(`${contender.name}: ${broken}\n`);
    return { broken, values: {} };
  }
}

/** One value for each round; what broke has none. @param {Results} results @param {string} name @param {string} key */
export function valuesOf(results, name, key) {
  return (results.get(name) ?? []).map(({ values }) => values[key] ?? Number.NaN);
}

/** Round by round. @param {Results} results @param {string} name @param {string} base @param {string} key */
export function ratiosOf(results, name, base, key) {
  const bases = valuesOf(results, base, key);
  if (bases.length === 0) return [];
  return valuesOf(results, name, key).map((value, i) => value / (bases[i] ?? Number.NaN));
}

/** Median, least and most; of one round, that. @param {readonly number[]} values */
export function range(values) {
  const [first] = values;
  if (first === undefined) return "–";
  if (values.some((value) => Number.isNaN(value))) return "broken";
  if (values.length === 1) return String(round3(first));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return `${round3(median(values))} (${round3(low)}–${round3(high)})`;
}

/** All rounds together: what must not happen once. @param {Results} results @param {string} name @param {string} key */
export function totalOf(results, name, key) {
  return valuesOf(results, name, key).reduce((sum, value) => sum + value, 0);
}

/** Whether the run is void, and a line that says how far the twins are apart. @param {Results} results @param {string} key */
export function twins(results, key) {
  const [a, b] = [reference, twin].map((name) => median(valuesOf(results, name, key)));
  const ratio = (b ?? Number.NaN) / (a ?? Number.NaN);
  const spread = Math.max(ratio, 1 / ratio) - 1;
  const percent = (spread * 100).toFixed(0);
  if (quick) return { isVoid: false, note: "A smoke has no twin." };
  if (Number.isNaN(spread)) {
    return {
      isVoid: true,
      note: `${key}: no twin was measured: nothing shows how noisy the machine was.`,
    };
  }
  return spread > maxTwinSpread
    ? {
        isVoid: true,
        note: `VOID, ${key}: the twins differ by ${percent} %: the machine was too noisy.`,
      }
    : { isVoid: false, note: `Control, ${key}: the twins differ by ${percent} %.` };
}

/**
 * A goal that is a ratio of Conic to another contender, round by round.
 *
 * @param {object} options
 * @param {string} options.figure
 * @param {Results} options.results
 * @param {string} options.key
 * @param {string} [options.to]
 * @param {number} [options.least]
 * @param {number} [options.most]
 * @param {boolean} options.isVoid
 * @returns {Goal[]} none where one of the two was not chosen
 */
export function ratioGoal({ figure, results, key, to = reference, least, most, isVoid }) {
  if (!results.has(subject) || !results.has(to)) return [];
  const ratios = ratiosOf(results, subject, to, key);
  const ratio = median(ratios);
  const isReached = least === undefined ? ratio <= (most ?? Number.NaN) : ratio >= least;
  const aim = least === undefined ? `≤ ${most}` : `≥ ${least}`;
  return [{ figure, aim, measured: range(ratios), isMet: isVoid ? "void" : isReached }];
}
