// The signaling server beside a bare echo, the PeerJS server and a relay with socket.io. docs/performance.md says how.
// --only=relay,latency  --contenders="ws echo,conic"  --rounds=5
import { parseArgs } from "node:util";
import { choose, roundsOf, tryRead } from "./flags.mjs";
import { quick } from "./harness.mjs";
import { contenders } from "./signal/contenders.mjs";
import { broadcastFigure } from "./signal/figures/broadcast.mjs";
import { checkFigure } from "./signal/figures/check.mjs";
import { connectFigure } from "./signal/figures/connect.mjs";
import { crowdFigure } from "./signal/figures/crowd.mjs";
import { latencyFigure } from "./signal/figures/latency.mjs";
import { memoryFigure } from "./signal/figures/memory.mjs";
import { relayFigure } from "./signal/figures/relay.mjs";
import { stormFigure } from "./signal/figures/storm.mjs";

/** @import { Goal, Section } from "./signal/types.js" */

const figures = [
  checkFigure,
  relayFigure,
  latencyFigure,
  memoryFigure,
  connectFigure,
  broadcastFigure,
  crowdFigure,
  stormFigure,
];

/** @param {readonly string[]} args */
function read(args) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      contenders: { type: "string" },
      rounds: { type: "string" },
    },
  });
  const rounds = roundsOf(values.rounds);
  const names = contenders.map(({ name }) => name);
  return {
    rounds,
    only: choose(
      "only",
      values.only,
      figures.map(({ key }) => key),
    ),
    contenders: choose("contenders", values.contenders, names),
  };
}

/** @param {Goal["isMet"]} isMet */
function verdict(isMet) {
  if (quick) return "not measured";
  if (typeof isMet === "string") return isMet;
  return isMet ? "met" : "missed";
}

/** @param {{ report: (section: Section) => void, args?: readonly string[] }} context */
export async function run({ report, args = [] }) {
  const options = tryRead(read, args);
  if (options === undefined) return;
  /** @type {Goal[]} */
  const goals = [];
  const isChosen = (/** @type {string} */ name) => options.contenders.includes(name);
  /** @type {Map<string, number[]>} */
  const saturations = new Map();
  for (const figure of figures) {
    if (!options.only.includes(figure.key)) continue;
    const { rounds } = options;
    goals.push(...(await figure.run({ rounds, report, isChosen, saturations })));
  }
  if (goals.length === 0) return;
  report({
    title: "Aims of signaling",
    rows: goals.map(({ figure, aim, measured, isMet }) => ({
      figure,
      aim,
      measured,
      "met?": verdict(isMet),
    })),
    notes: quick
      ? ["A SMOKE: it proves that the benchmark works; its numbers mean nothing."]
      : ["Medians of the rounds, and in brackets the least and the most of them."],
  });
}
