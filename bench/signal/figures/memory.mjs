// What an idle client takes of a server's memory.
import { execSync } from "node:child_process";
import { median, quick, round3 } from "../../harness.mjs";
import { ask } from "../../rpc.mjs";
import { pick, reference, subject } from "../contenders.mjs";
import { inRounds, range, twins, valuesOf } from "../rounds.mjs";
import { onStage, open } from "../stage.mjs";

/** @import { Contender, Goal } from "../types.js" */
/** @import { Results } from "../rounds.mjs" */
/** @import { Stage } from "../stage.mjs" */

const clients = quick ? 50 : 10_000;
/** Code is compiled, and the heap has grown, before anything is counted: clients that came and went. */
const warmUps = quick ? 1 : 10;
const warmUpClients = quick ? 10 : 200;
const mostAboveKiB = 4;

/** @param {Stage} stage */
async function memoryOf({ server }) {
  const { rss, heap } = /** @type {{ rss: number, heap: number }} */ (
    await ask(server, "memory", {}, 30_000)
  );
  return { rss, heap };
}

/** @param {Contender} contender */
function memory(contender) {
  return onStage(contender, async (stage) => {
    for (let i = 0; i < warmUps; i += 1) {
      await open(stage, warmUpClients);
      await ask(stage.generator, "vanish");
    }
    const before = await memoryOf(stage);
    await open(stage, clients);
    const after = await memoryOf(stage);
    return {
      rssKiB: (after.rss - before.rss) / 1024 / clients,
      heapKiB: (after.heap - before.heap) / 1024 / clients,
      baseMiB: before.rss / 1_048_576,
    };
  });
}

/** @param {Results} results @param {string} name */
function above(results, name) {
  const base = valuesOf(results, reference, "rssKiB");
  if (base.length === 0) return [];
  return valuesOf(results, name, "rssKiB").map((value, i) => value - (base[i] ?? Number.NaN));
}

/** @param {Results} results @param {boolean} isVoid @returns {Goal[]} */
function goalsOf(results, isVoid) {
  if (!results.has(subject) || !results.has(reference)) return [];
  const values = above(results, subject);
  return [
    {
      figure: "memory of an idle registered connection, above ws echo, KiB",
      aim: `≤ ${mostAboveKiB}`,
      measured: range(values),
      isMet: isVoid ? "void" : median(values) <= mostAboveKiB,
    },
  ];
}

function openFiles() {
  try {
    return execSync("ulimit -n", { shell: "/bin/sh" }).toString().trim();
  } catch {
    return "unknown";
  }
}

/** @type {import("../types.js").SignalFigure} */
export const memoryFigure = {
  key: "memory",
  async run({ rounds, report, isChosen }) {
    const results = await inRounds({
      contenders: pick(isChosen, quick ? [subject] : undefined),
      rounds,
      run: memory,
    });
    const { isVoid, note } = twins(results, "rssKiB");
    report({
      title: `memory: ${clients} connections, registered and idle`,
      rows: [...results.keys()].map((name) => ({
        contender: name,
        "RSS a connection, KiB": range(valuesOf(results, name, "rssKiB")),
        "above ws echo, KiB": range(above(results, name)),
        "of it in the heap of V8, KiB": range(valuesOf(results, name, "heapKiB")),
        "RSS before, MiB": round3(median(valuesOf(results, name, "baseMiB"))),
      })),
      notes: [
        note,
        `Garbage is collected before each reading. The memory of sockets in the kernel is not in it. Open files: ${openFiles()} at most.`,
      ],
    });
    return goalsOf(results, isVoid);
  },
};
