// What a message costs where ten thousand are connected.
import { quick } from "../../harness.mjs";
import { pick, reference, subject, twin } from "../contenders.mjs";
import { inRounds, ratioGoal, twins } from "../rounds.mjs";
import { accountNote, saturation, saturationRows, voidReason } from "../saturation.mjs";
import { pinning } from "../stage.mjs";

const setting = quick ? { clients: 40, inFlight: 20 } : { clients: 10_000, inFlight: 512 };
const names = quick
  ? [subject]
  : [reference, twin, subject, "conic (no metrics)", "PeerJS server", "socket.io relay"];

/** @type {import("../types.js").SignalFigure} */
export const crowdFigure = {
  key: "crowd",
  async run({ rounds, report, isChosen }) {
    const results = await inRounds({
      contenders: pick(isChosen, names),
      rounds,
      run: (contender) => saturation(contender, setting),
    });
    const { isVoid, note } = twins(results, "cpuMicros");
    report({
      title: `crowd: ${setting.clients} connections, ${setting.inFlight} messages on the way, 1 SDP to 7 candidates`,
      rows: saturationRows(results),
      notes: [note, pinning, accountNote],
    });
    return ratioGoal({
      figure: "cost of a message at 10,000 connections: ratio to ws echo",
      results,
      key: "cpuMicros",
      most: 1.2,
      isVoid:
        isVoid || [subject, reference].some((name) => voidReason(results, name) !== undefined),
    });
  },
};
