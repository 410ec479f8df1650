// Messages a second through a server that is never idle.
import { quick } from "../../harness.mjs";
import { contenders, pick, reference, subject } from "../contenders.mjs";
import { inRounds, ratioGoal, totalOf, twins, valuesOf } from "../rounds.mjs";
import { accountNote, saturation, saturationRows, voidReason } from "../saturation.mjs";
import { pinning } from "../stage.mjs";

/** @import { Goal, SignalFigure } from "../types.js" */
/** @import { Results } from "../rounds.mjs" */

const setting = quick ? { clients: 20, inFlight: 16 } : { clients: 1000, inFlight: 256 };

/** @param {Results} results @param {boolean} isVoid @returns {Goal[]} */
function goalsOf(results, isVoid) {
  const ratio = (/** @type {string} */ to, /** @type {number} */ least) =>
    ratioGoal({
      figure: `relayed messages/s, 1,000 connections: ratio to ${to}`,
      results,
      key: "perSecond",
      to,
      least,
      isVoid: isVoid || [subject, to].some((name) => voidReason(results, name) !== undefined),
    });
  const wrong = ["lost", "duplicated", "reordered", "unexpected"].map((key) =>
    totalOf(results, subject, key),
  );
  const isSound = wrong.every((count) => count === 0);
  if (quick && !isSound) process.exitCode = 1;
  return [
    ...ratio(reference, 0.95),
    ...ratio("PeerJS server", 2),
    ...ratio("socket.io relay", 2),
    ...(results.has(subject)
      ? [
          {
            figure: "relay: messages lost, doubled, reordered; unexpected frames",
            aim: "0",
            measured: wrong.join(", "),
            isMet: isSound,
          },
        ]
      : []),
  ];
}

/** @type {SignalFigure} */
export const relayFigure = {
  key: "relay",
  async run({ rounds, report, isChosen, saturations }) {
    const chosen = pick(isChosen, quick ? quickNames : undefined);
    const results = await inRounds({
      contenders: chosen,
      rounds,
      run: (contender) => saturation(contender, setting),
    });
    for (const { name } of chosen) saturations.set(name, valuesOf(results, name, "perSecond"));
    const { isVoid, note } = twins(results, "perSecond");
    report({
      title: `relay: ${setting.clients} connections, ${setting.inFlight} messages on the way, 1 SDP to 7 candidates`,
      rows: saturationRows(results),
      notes: [note, pinning, accountNote],
    });
    return goalsOf(results, isVoid);
  },
};

/** One of each program and wire. */
const quickNames = contenders
  .map(({ name }) => name)
  .filter((name) => !name.endsWith("again") && name !== "conic (no metrics)");
