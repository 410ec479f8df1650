// How long a message takes through a server that is half busy.
import { setTimeout as pause } from "node:timers/promises";
import { median, quick } from "../../harness.mjs";
import { ask } from "../../rpc.mjs";
import { pick, reference, subject } from "../contenders.mjs";
import { inRounds, range, ratioGoal, ratiosOf, twins, valuesOf } from "../rounds.mjs";
import { accountValues, observe, onStage, open, pinning } from "../stage.mjs";

/** @import { Account, Contender, Latencies } from "../types.js" */

const clients = quick ? 20 : 1000;
const inFlight = quick ? 16 : 256;
const calibrationMs = quick ? 250 : 1500;
const warmUpMs = quick ? 50 : 500;
const windowMs = quick ? 400 : 3000;

/**
 * The rate is half of what this contender reached, in the middle of all runs so far: that of one moment would make a
 * slow moment look quick.
 *
 * @param {Contender} contender
 * @param {Map<string, number[]>} saturations
 */
function latency(contender, saturations) {
  return onStage(contender, async (stage) => {
    await open(stage, clients);
    await ask(stage.generator, "prove");
    await ask(stage.generator, "saturate", { inFlight });
    await pause(calibrationMs);
    const { perSecond } = await observe(stage, calibrationMs);
    await ask(stage.generator, "stop");
    const known = [...(saturations.get(contender.name) ?? []), perSecond];
    saturations.set(contender.name, known);
    const rate = median(known) / 2;
    const asked = { perSecond: rate, warmUpMs, windowMs };
    const measured = /** @type {Latencies} */ (
      await ask(stage.generator, "openLoop", asked, 30_000)
    );
    const account = /** @type {Account} */ (await ask(stage.generator, "account"));
    if (measured.count === 0) throw new Error("nothing arrived");
    return { ...measured, rate, ...accountValues(account) };
  });
}

/** @type {import("../types.js").SignalFigure} */
export const latencyFigure = {
  key: "latency",
  async run({ rounds, report, isChosen, saturations }) {
    const results = await inRounds({
      contenders: pick(isChosen, quick ? [subject] : undefined),
      rounds,
      run: (contender) => latency(contender, saturations),
    });
    const [p50, p99] = [twins(results, "p50Us"), twins(results, "p99Us")];
    report({
      title: `latency: ${clients} connections, half of what each contender can at most, sent at random times`,
      rows: [...results.keys()].map((name) => ({
        contender: name,
        "messages/s": range(valuesOf(results, name, "rate")),
        "p50, µs": range(valuesOf(results, name, "p50Us")),
        "ratio to ws echo": range(ratiosOf(results, name, reference, "p50Us")),
        "p99, µs": range(valuesOf(results, name, "p99Us")),
        "ratio of p99": range(ratiosOf(results, name, reference, "p99Us")),
        "sent late, p99, µs": range(valuesOf(results, name, "lateP99Us")),
      })),
      notes: [
        p50.note,
        p99.note,
        pinning,
        "From the time at which a message was due to its arrival: what the generator was late is in it.",
      ],
    });
    const goal = (
      /** @type {string} */ figure,
      /** @type {string} */ key,
      /** @type {number} */ most,
      isVoid = false,
    ) =>
      ratioGoal({
        figure: `latency at half load, ${figure}: ratio to ws echo`,
        results,
        key,
        most,
        isVoid,
      });
    return [...goal("p50", "p50Us", 1.1, p50.isVoid), ...goal("p99", "p99Us", 1.5, p99.isVoid)];
  },
};
