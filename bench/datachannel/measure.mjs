// Runs figures: contenders in random order within each round, ratios to the reference of the same round, and a twin
// that tells how much of a difference is noise. A measurement that fails is an outcome like any other.
import { median, shuffled } from "../harness.mjs";

/** @import { Figure, FigureResult, Outcome, Row } from "./types.js" */

export const reference = "ndc";
export const subject = "conic";
export const twin = "conic again";
const largestSpread = 0.2;

/** @param {Figure} figure @param {string} contender @param {number} round @param {number} rounds @returns {Promise<Outcome>} */
async function attempt(figure, contender, round, rounds) {
  try {
    return await figure.measure(contender, round, rounds);
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    return { problem: `${name === "HangError" ? "hang" : "fail"}: ${message}` };
  }
}

/** @param {readonly Outcome[]} outcomes */
function medianDetails(outcomes) {
  /** @type {Record<string, number[]>} */
  const lists = {};
  for (const { details = {} } of outcomes) {
    for (const [name, value] of Object.entries(details)) (lists[name] ??= []).push(value);
  }
  return Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, median(list)]));
}

/** @param {readonly Outcome[]} outcomes @param {readonly Outcome[]} base */
function ratioOf(outcomes, base) {
  const ratios = outcomes.flatMap(({ value }, round) => {
    const other = base[round]?.value;
    // Memory above the payload may be below nothing: of that there is no ratio.
    if (value === undefined || other === undefined || value <= 0 || other <= 0) return [];
    return [value / other];
  });
  return median(ratios);
}

/** @param {Figure} figure @param {string} contender @param {readonly Outcome[]} outcomes @param {readonly Outcome[]} base @returns {Row} */
function rowOf(figure, contender, outcomes, base) {
  const values = outcomes.flatMap(({ value }) => value ?? []);
  const pooled = figure.pool?.(outcomes);
  const problems = [...outcomes, ...(pooled === undefined ? [] : [pooled])].flatMap(
    ({ problem }) => problem ?? [],
  );
  return {
    contender,
    outcomes,
    median: pooled?.value ?? median(values),
    min: values.length === 0 ? Number.NaN : Math.min(...values),
    max: values.length === 0 ? Number.NaN : Math.max(...values),
    ratio: ratioOf(outcomes, base),
    details: pooled?.details ?? medianDetails(outcomes),
    problems,
  };
}

/**
 * @param {Figure} figure
 * @param {readonly string[]} contenders
 * @param {number} wantedRounds
 * @returns {Promise<FigureResult>}
 */
export async function measure(figure, contenders, wantedRounds) {
  const rounds = Math.min(wantedRounds, figure.maxRounds ?? wantedRounds);
  /** @type {Map<string, Outcome[]>} */
  const outcomes = new Map(contenders.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of shuffled([...contenders])) {
      outcomes.get(contender)?.push(await attempt(figure, contender, round, rounds));
    }
  }
  const base = outcomes.get(figure.reference ?? reference) ?? [];
  const rows = [...outcomes].map(([name, list]) => rowOf(figure, name, list, base));
  const own = rows.find(({ contender }) => contender === subject)?.median;
  const again = rows.find(({ contender }) => contender === twin)?.median;
  const spread =
    own === undefined || again === undefined
      ? undefined
      : Math.abs(own - again) / Math.max(Math.min(own, again), figure.floor ?? 0);
  return { figure, rows, spread, isVoid: spread !== undefined && !(spread <= largestSpread) };
}
