// How many streams one core carries without a loss.
import { quick, round3 } from "../../harness.mjs";
import { canPin } from "../../pin.mjs";
import { runStreams } from "../streams/run.mjs";

/** @import { Goal, MediaFigure, StreamsOutcome, StreamsSetting } from "../types.js" */

/** @typedef {StreamsSetting & { name: string, step: number }} Case */

/** @type {readonly Case[]} */
const cases = [
  { name: "Opus senders (encoding)", kind: "audio", measured: "sender", count: 60, step: 10 },
  { name: "Opus receivers (decoding)", kind: "audio", measured: "receiver", count: 100, step: 20 },
  { name: "VP8 senders (encoding)", kind: "video", measured: "sender", count: 3, step: 1 },
  { name: "VP8 receivers (decoding)", kind: "video", measured: "receiver", count: 8, step: 1 },
];
const maxCpuPercent = 95;
/** A neighbour may have had the core for a moment: what fails is tried again. */
const tries = quick ? 1 : 2;

/** @param {StreamsOutcome} outcome */
function isGood({ missing, wrong, cpuPercent }) {
  return missing === 0 && wrong === 0 && cpuPercent <= maxCpuPercent;
}

/** What is shown of a run that broke off: everything is missing. */
const brokenOff = { missing: 1, planned: 1, wrong: 0, cpuPercent: Number.NaN };

/** @param {StreamsSetting} setting @returns {Promise<StreamsOutcome>} */
async function runOnce(setting) {
  try {
    return await runStreams(setting);
  } catch (error) {
    process.stderr.write(`${setting.count} streams: ${String(error)}\n`);
    return { ...brokenOff, loopP50Ms: Number.NaN, loopP99Ms: Number.NaN };
  }
}

/** @param {Case} one @param {number} count */
async function attempt({ kind, measured }, count) {
  let outcome = await runOnce({ kind, measured, count });
  for (let left = tries - 1; left > 0 && !isGood(outcome); left -= 1) {
    outcome = await runOnce({ kind, measured, count });
  }
  return outcome;
}

/** @param {string} streams @param {number} count @param {StreamsOutcome} outcome */
function rowOf(streams, count, outcome) {
  return {
    streams,
    count,
    "missing frames": `${outcome.missing} of ${outcome.planned}`,
    wrong: outcome.wrong,
    "CPU of the core, %": round3(outcome.cpuPercent),
    "of one stream, %": round3(outcome.cpuPercent / count),
    "event loop p50, ms": round3(outcome.loopP50Ms),
    "event loop p99, ms": round3(outcome.loopP99Ms),
  };
}

/** Goes up from the count that is good, or down to one that is. @param {Case} one @param {StreamsOutcome} first @param {Record<string, string | number>[]} rows */
async function findMost(one, first, rows) {
  const { step } = one;
  let most = isGood(first) ? one.count : 0;
  const direction = isGood(first) ? step : -step;
  for (let count = one.count + direction; count > 0; count += direction) {
    const outcome = await attempt(one, count);
    rows.push(rowOf(one.name, count, outcome));
    const good = isGood(outcome);
    if (good) most = count;
    if (good !== direction > 0) break;
  }
  return most;
}

/** @type {MediaFigure} */
export const streamsFigure = {
  key: "streams",
  async run({ report }) {
    /** @type {Record<string, string | number>[]} */
    const rows = [];
    /** @type {Goal[]} */
    const goals = [];
    for (const required of cases) {
      const one = quick ? { ...required, count: Math.ceil(required.count / 20) } : required;
      const outcome = await attempt(one, one.count);
      rows.push(rowOf(one.name, one.count, outcome));
      if (quick && outcome.planned === outcome.missing) process.exitCode = 1;
      const most = quick ? "–" : await findMost(one, outcome, rows);
      goals.push({
        figure: one.name,
        conic: `${most} (${round3(outcome.cpuPercent)} % with ${one.count})`,
        aim: `≥ ${required.count}`,
        isMet: quick ? "not measured" : isGood(outcome),
      });
    }
    report({
      title: "streams: what one core carries without a loss",
      rows,
      notes: [
        canPin
          ? "The measured process is kept on one core with all its threads, the other end on another."
          : "There is no taskset here: the processes ran on any core.",
        "Event-loop delay is less what the same process has when idle.",
      ],
    });
    return goals;
  },
};
