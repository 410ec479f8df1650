// Data channels of Conic beside those of other implementations, two processes each. docs/performance.md says how.
// --only=16KiB,rtt  --contenders=conic,ndc  --rounds=5  --json=FILE
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";
import { ceilings } from "./datachannel/ceiling.mjs";
import { latencyFigures } from "./datachannel/figures/latency.mjs";
import { memoryFigures } from "./datachannel/figures/memory.mjs";
import { throughputFigures } from "./datachannel/figures/throughput.mjs";
import { measure, subject, twin } from "./datachannel/measure.mjs";
import { figureTable, goalTable } from "./datachannel/report.mjs";
import { choose, roundsOf, tryRead } from "./flags.mjs";
import { quick } from "./harness.mjs";

/** @import { Figure, FigureResult } from "./datachannel/types.js" */
/** @typedef {(result: { title: string, rows: Record<string, string | number>[], notes?: readonly string[] }) => void} Report */

const figures = [...throughputFigures, ...latencyFigures, ...memoryFigures];
const known = [subject, "werift", "ndc", "wrtc"];
/** Of the contenders that are here for comparison alone, a smoke runs one figure. */
const smoked = "16KiB";

/** @param {readonly string[]} args */
function read(args) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      contenders: { type: "string" },
      rounds: { type: "string" },
      json: { type: "string" },
    },
  });
  const keys = ["raw", ...figures.map(({ key }) => key)];
  const rounds = roundsOf(values.rounds);
  return {
    rounds,
    json: values.json,
    only: choose("only", values.only, keys),
    contenders: choose("contenders", values.contenders, known),
    isChosen: values.contenders !== undefined,
  };
}

/** @param {Figure} figure @param {ReturnType<typeof read>} options */
function contendersOf(figure, { contenders, isChosen }) {
  if (quick) {
    return contenders.filter((name) => isChosen || figure.key === smoked || name === subject);
  }
  return contenders.flatMap((name) => (name === subject ? [subject, twin] : [name]));
}

/** Whether Conic could not be measured: that is what a smoke is for. @param {FigureResult} result */
function isBroken({ rows }) {
  const own = rows.filter(({ contender }) => contender === subject);
  return own.some(({ outcomes }) => outcomes.some(({ value }) => value === undefined));
}

/** @param {readonly FigureResult[]} results @param {object} more */
function toJson(results, more) {
  const machine = { node: process.version, cpu: cpus()[0]?.model, cores: availableParallelism() };
  const shown = results.map(({ figure: { key, title, unit, better }, ...result }) => ({
    key,
    title,
    unit,
    better,
    ...result,
  }));
  return `${JSON.stringify({ ...machine, isSmoke: quick, ...more, figures: shown }, null, 2)}\n`;
}

/** @param {{ report: Report, args?: readonly string[] }} context */
export async function run({ report, args = [] }) {
  const options = tryRead(read, args);
  if (options === undefined) return;
  const { rounds, only, json } = options;
  const bare = only.includes("raw") ? await ceilings(Math.min(rounds, 3)) : [];
  if (bare.length > 0) report({ title: "raw: the ceiling of this machine", rows: bare });
  /** @type {FigureResult[]} */
  const results = [];
  for (const figure of figures) {
    if (!only.includes(figure.key)) continue;
    const result = await measure(figure, contendersOf(figure, options), rounds);
    results.push(result);
    report(figureTable(result));
    // A run takes long: what was measured is kept if it is interrupted.
    if (json !== undefined) writeFileSync(json, toJson(results, { rounds, raw: bare }));
  }
  if (quick && results.some((result) => isBroken(result))) process.exitCode = 1;
  const goals = goalTable(results, quick);
  if (goals.rows.length > 0) report(goals);
  if (json !== undefined)
    writeFileSync(json, toJson(results, { rounds, raw: bare, goals: goals.rows }));
}
