// Audio and video: packets, connections, codecs, streams of one core. docs/performance.md says how.
// --only=packets,rtp,codec,streams,loop  --rounds=5
import { parseArgs } from "node:util";
import { choose, roundsOf, tryRead } from "./flags.mjs";
import { quick } from "./harness.mjs";
import { codecFigure } from "./media/figures/codec.mjs";
import { connectionFigure } from "./media/figures/connection.mjs";
import { loopFigure } from "./media/figures/loop.mjs";
import { packetsFigure } from "./media/figures/packets.mjs";
import { streamsFigure } from "./media/figures/streams.mjs";

/** @import { Goal, Section } from "./media/types.js" */

const figures = [packetsFigure, connectionFigure, codecFigure, streamsFigure, loopFigure];

/** @param {readonly string[]} args */
function read(args) {
  const { values } = parseArgs({
    args: [...args],
    options: { only: { type: "string" }, rounds: { type: "string" } },
  });
  const keys = figures.map(({ key }) => key);
  const only = choose("only", values.only, keys);
  const rounds = roundsOf(values.rounds);
  return { rounds, only };
}

/** @param {Goal["isMet"]} isMet */
function verdict(isMet) {
  if (quick) return "not measured";
  if (typeof isMet === "string") return isMet;
  return isMet ? "yes" : "no";
}

/** @param {{ report: (section: Section) => void, args?: readonly string[] }} context */
export async function run({ report, args = [] }) {
  const options = tryRead(read, args);
  if (options === undefined) return;
  /** @type {Goal[]} */
  const goals = [];
  for (const figure of figures) {
    if (!options.only.includes(figure.key)) continue;
    goals.push(...(await figure.run({ rounds: options.rounds, report })));
  }
  if (goals.length === 0) return;
  report({
    title: "Goals of audio and video",
    rows: goals.map(({ figure, werift = "–", conic, aim, isMet }) => ({
      figure,
      werift,
      conic,
      aim,
      "met?": verdict(isMet),
    })),
    notes: quick
      ? ["A SMOKE: it proves that the benchmark works; its numbers mean nothing."]
      : ["In brackets: the ratio to werift in the same run."],
  });
}
