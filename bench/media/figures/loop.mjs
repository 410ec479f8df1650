// Event-loop delay of a process that encodes video in its worker and sends it.
import { median, quick, round3 } from "../../harness.mjs";
import { runStreams } from "../streams/run.mjs";

/** @import { MediaFigure } from "../types.js" */

const aimMs = 5;

/** @type {MediaFigure} */
export const loopFigure = {
  key: "loop",
  async run({ rounds, report }) {
    const outcomes = [];
    for (let round = 0; round < Math.min(rounds, 3); round += 1) {
      outcomes.push(
        await runStreams({ kind: "video", measured: "sender", count: 1 }, { pinned: false }),
      );
    }
    const rows = outcomes.map(({ loopP50Ms, loopP99Ms, cpuPercent, missing, planned }) => ({
      "event loop p50, ms": round3(loopP50Ms),
      "event loop p99, ms": round3(loopP99Ms),
      "CPU, % of a core": round3(cpuPercent),
      "missing frames": `${missing} of ${planned}`,
    }));
    report({
      title:
        "loop: event-loop delay while VP8 640x480 at 30 frames a second is encoded in the worker",
      rows,
      notes: ["One run a row; less what the same process has when idle."],
    });
    const p99 = median(outcomes.map(({ loopP99Ms }) => loopP99Ms));
    return [
      {
        figure: "event-loop delay p99 while encoding VP8",
        conic: `${round3(p99)} ms`,
        aim: `< ${aimMs} ms`,
        isMet: quick ? "not measured" : p99 < aimMs,
      },
    ];
  },
};
