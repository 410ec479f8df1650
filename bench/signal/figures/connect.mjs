// Clients a second that connect and register.
import { quick } from "../../harness.mjs";
import { ask } from "../../rpc.mjs";
import { pick, reference, subject } from "../contenders.mjs";
import { inRounds, range, ratioGoal, ratiosOf, twins, valuesOf } from "../rounds.mjs";
import { voidReason } from "../saturation.mjs";
import { onStage, open, pinning, sampleOf } from "../stage.mjs";

/** @import { Contender } from "../types.js" */

// The CPU for one connection falls until about 8,000 have come, by half: V8 is compiling until then, of any server.
const warmUp = quick ? 20 : 10_000;
const batch = quick ? 50 : 4000;
const leastMs = quick ? 1 : 3000;

/** @param {Contender} contender */
function connections(contender) {
  return onStage(contender, async (stage) => {
    const { generator, server } = stage;
    const vanish = async () => {
      await ask(generator, "vanish");
      await ask(server, "settle", {}, 20_000);
    };
    await open(stage, warmUp);
    await vanish();
    let [ms, count, serverMs, generatorMs] = [0, 0, 0, 0];
    while (ms < leastMs) {
      const before = [await sampleOf(server), await sampleOf(generator)];
      ms += await open(stage, batch);
      const after = [await sampleOf(server), await sampleOf(generator)];
      const [ofServer = 0, ofGenerator = 0] = after.map(
        ({ cpuMs }, i) => cpuMs - (before[i]?.cpuMs ?? Number.NaN),
      );
      serverMs += ofServer;
      generatorMs += ofGenerator;
      count += batch;
      await vanish();
    }
    return {
      perSecond: (count * 1000) / ms,
      cpuMicros: (serverMs * 1000) / count,
      serverCpu: (serverMs * 100) / ms,
      generatorCpu: (generatorMs * 100) / ms,
    };
  });
}

/** @type {import("../types.js").SignalFigure} */
export const connectFigure = {
  key: "connect",
  async run({ rounds, report, isChosen }) {
    const results = await inRounds({
      contenders: pick(isChosen, quick ? [subject] : undefined),
      rounds,
      run: connections,
    });
    const { isVoid, note } = twins(results, "perSecond");
    report({
      title: "connect: connections that are accepted and registered, 64 under way at a time",
      rows: [...results.keys()].map((name) => ({
        contender: name,
        "connections/s": range(valuesOf(results, name, "perSecond")),
        "ratio to ws echo": range(ratiosOf(results, name, reference, "perSecond")),
        "server CPU, µs each": range(valuesOf(results, name, "cpuMicros")),
        "server CPU, %": range(valuesOf(results, name, "serverCpu")),
        "generator CPU, %": range(valuesOf(results, name, "generatorCpu")),
        "counts?": voidReason(results, name) ?? "yes",
      })),
      notes: [
        note,
        pinning,
        `In parts of ${batch}, each when those before are gone. The echo has no registration: it sends back what others answer.`,
      ],
    });
    return ratioGoal({
      figure: "connections accepted and registered a second: ratio to ws echo",
      results,
      key: "perSecond",
      least: 0.9,
      isVoid:
        isVoid || [subject, reference].some((name) => voidReason(results, name) !== undefined),
    });
  },
};
