// Whether anything is lost, doubled or out of order while clients come and go.
import { quick } from "../../harness.mjs";
import { ask } from "../../rpc.mjs";
import { pick, subject } from "../contenders.mjs";
import { inRounds, range, totalOf, valuesOf } from "../rounds.mjs";
import { onStage } from "../stage.mjs";

/** @import { Contender, Goal, StormAccount } from "../types.js" */
/** @import { Results } from "../rounds.mjs" */

const clients = quick ? 30 : 500;
const ms = quick ? 1200 : 5000;
const wrongKeys = ["lost", "duplicated", "reordered", "unexpected", "left"];

/** Clients that the server still knows when all are gone: none, after a moment. @param {number} port */
async function leftOn(port) {
  let left = Number.NaN;
  for (let tries = 50; tries > 0 && left !== 0; tries -= 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/stats`);
    const stats = /** @type {{ connections: number, registered: number }} */ (await answer.json());
    left = stats.connections + stats.registered;
    if (left > 0) await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return left;
}

/** @param {Contender} contender */
function storm(contender) {
  return onStage(contender, async ({ generator, port }) => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const { first, ...account } = /** @type {StormAccount} */ (
      await ask(generator, "storm", { clients, ms, seed }, ms + 30_000)
    );
    if (first !== undefined) process.stderr.write(`unexpected, seed ${seed}: ${first}\n`);
    if (account.completed === 0) throw new Error("there was no call");
    return { ...account, left: await leftOn(port) };
  });
}

/** @param {Results} results @returns {Goal[]} */
function goalsOf(results) {
  if (!results.has(subject)) return [];
  const wrong = wrongKeys.map((key) => totalOf(results, subject, key));
  const isSound = wrong.every((count) => count === 0);
  if (quick && !isSound) process.exitCode = 1;
  return [
    {
      figure: "storm: messages lost, doubled, reordered; unexpected frames; clients left behind",
      aim: "0",
      measured: wrong.join(", "),
      isMet: isSound,
    },
  ];
}

/** @type {import("../types.js").SignalFigure} */
export const stormFigure = {
  key: "storm",
  async run({ rounds, report, isChosen }) {
    const results = await inRounds({
      contenders: pick(isChosen, [subject]),
      rounds,
      run: storm,
    });
    report({
      title: `storm: ${clients} clients at a time that come, register, call and go, for ${ms / 1000} s a round`,
      rows: [...results.keys()].map((name) => ({
        contender: name,
        clients: range(valuesOf(results, name, "clients")),
        messages: range(valuesOf(results, name, "messages")),
        "ends of calls with everything": range(valuesOf(results, name, "completed")),
        "left alone": range(valuesOf(results, name, "broken")),
        "told that the other is gone": range(valuesOf(results, name, "told")),
        "lost, doubled, reordered": ["lost", "duplicated", "reordered"]
          .map((key) => totalOf(results, name, key))
          .join(", "),
        unexpected: totalOf(results, name, "unexpected"),
        "clients left behind": totalOf(results, name, "left"),
      })),
      notes: [
        "A third of the callers vanishes in the middle of a call: the other end must be told. What was on the way to or from it counts in no end; everything between ends that stay must come once and in order.",
      ],
    });
    return goalsOf(results);
  },
};
