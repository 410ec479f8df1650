// Whether the load generator would see what it reports the absence of.
import { setTimeout as pause } from "node:timers/promises";
import { ask } from "../../rpc.mjs";
import { onStage, open, sampleOf } from "../stage.mjs";

/** @import { Account, Contender, SignalFigure } from "../types.js" */

/** @type {Contender} */
const faulty = { name: "faulty", wire: "echo", program: "./signal/server.mjs", args: ["faulty"] };
const clients = 4;
const inFlight = 16;
/** Messages after which all faults have been made. */
const enough = 200;

/** @type {SignalFigure} */
export const checkFigure = {
  key: "check",
  async run({ report }) {
    const { lost, duplicated, reordered, unexpected } = await onStage(faulty, async (stage) => {
      await open(stage, clients);
      await ask(stage.generator, "prove");
      await ask(stage.generator, "saturate", { inFlight });
      while ((await sampleOf(stage.generator)).delivered < enough) await pause(50);
      return /** @type {Account} */ (await ask(stage.generator, "stop"));
    });
    const isSeen = [lost, duplicated, reordered, unexpected].every((count) => count === 1);
    if (!isSeen) process.exitCode = 1;
    report({
      title: "check: an echo that loses a message, doubles one, lets one pass another, adds one",
      rows: [{ seen: isSeen ? "yes" : "NO", lost, duplicated, reordered, unexpected }],
    });
    return [];
  },
};
