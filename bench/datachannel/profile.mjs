// Where the time of one end goes: a CPU profile of a contender's sender or receiver in full flow, after a warm-up.
//   node bench/datachannel/profile.mjs [--contender=conic] [--role=sender] [--bytes=16384] [--seconds=3]
//     [--rtt=10 --loss=0.01] [--top=25] [--out=FILE.cpuprofile]
// --out writes the profile for Chrome DevTools. The idle share is time in which the process waited.
import { writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { round3 } from "../harness.mjs";
import { ask } from "../rpc.mjs";
import { table } from "../table.mjs";
import { flowFor, sampleOf, withPair } from "./pair.mjs";

/** @import { Profiler } from "node:inspector" */

const { values: options } = parseArgs({
  options: {
    contender: { type: "string", default: "conic" },
    role: { type: "string", default: "sender" },
    bytes: { type: "string", default: "16384" },
    seconds: { type: "string", default: "3" },
    rtt: { type: "string" },
    loss: { type: "string", default: "0" },
    top: { type: "string", default: "25" },
    out: { type: "string" },
  },
});

/** Whose code it is, by the first pattern that the place matches. @type {readonly (readonly [RegExp, string])[]} */
const groups = [
  [/^\(garbage collector\)$/, "GC"],
  [/^\(idle\)$/, "idle"],
  [/^\(program\)$/, "program (native, outside JavaScript)"],
  [/node:(internal\/)?dgram|^native send$/, "dgram"],
  [/node:(internal\/)?crypto/, "crypto"],
  [/node:/, "Node, other"],
  [/packages\/([\w-]+)\//, "@conic/$1"],
  [/node_modules\/((?:@[\w-]+\/)?[\w.-]+)\/(?!.*node_modules)/, "$1"],
  [/bench\//, "this benchmark"],
];

/** @param {string} place */
function groupOf(place) {
  for (const [pattern, name] of groups) {
    const match = pattern.exec(place);
    if (match !== null) return name.replace("$1", match[1] ?? "");
  }
  return "other";
}

/**
 * Self time of each function and of each group in microseconds. Functions of Node's native side have no file: they
 * count for the module that called them, which their line names.
 *
 * @param {Profiler.Profile} profile
 */
function selfTimes({ nodes, samples = [], timeDeltas = [] }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  /** @type {Map<number, number>} */
  const parents = new Map();
  for (const { id, children = [] } of nodes) for (const child of children) parents.set(child, id);
  /** @param {number} id @returns {string} */
  const placeOf = (id) => {
    const frame = byId.get(id)?.callFrame;
    if (frame === undefined) return "";
    // The system call of node:dgram; V8 inlines its callers, so that it seems to be called by whatever called those.
    if (frame.url === "" && frame.functionName === "send") return "native send";
    if (frame.url !== "" || frame.functionName.startsWith("(")) {
      return frame.url === "" ? frame.functionName : frame.url;
    }
    return placeOf(parents.get(id) ?? -1);
  };
  /** @type {Map<string, number>} */
  const functions = new Map();
  /** @type {Map<string, number>} */
  const groupTimes = new Map();
  for (const [i, id] of samples.entries()) {
    const micros = timeDeltas[i] ?? 0;
    const place = placeOf(id);
    const { functionName = "", url = "", lineNumber = 0 } = byId.get(id)?.callFrame ?? {};
    const file = url === "" ? place : `${url}:${lineNumber + 1}`;
    const where = file.replace(/^.*\/(?=(?:[^/]+\/){2}[^/]+$)/, "");
    const name = `${functionName === "" ? "(anonymous)" : functionName} ${where === functionName ? "" : where}`;
    functions.set(name, (functions.get(name) ?? 0) + micros);
    groupTimes.set(groupOf(place), (groupTimes.get(groupOf(place)) ?? 0) + micros);
  }
  return { functions, groupTimes };
}

/** @param {ReadonlyMap<string, number>} times @param {string} name @param {number} [top] */
function shares(times, name, top = times.size) {
  const sorted = [...times].toSorted(([, a], [, b]) => b - a);
  let total = 0;
  for (const [, micros] of sorted) total += micros;
  return sorted.slice(0, top).map(([key, micros]) => ({
    "self %": ((micros / total) * 100).toFixed(1),
    "self ms": (micros / 1000).toFixed(0),
    [name]: key,
  }));
}

/** @returns {Promise<{ profile: Profiler.Profile, summary: string }>} */
function measure() {
  const bytes = Number(options.bytes);
  const path =
    options.rtt === undefined
      ? undefined
      : { rttMs: Number(options.rtt), loss: Number(options.loss) };
  return withPair(options.contender, path, async (pair) => {
    const profiled = options.role === "receiver" ? pair.receiver : pair.sender;
    await pair.connect({ flow: flowFor(bytes) });
    await ask(pair.receiver, "count", { bytes });
    await ask(pair.sender, "pump", { bytes });
    await pause(1500);
    await ask(profiled, "profile");
    const from = await sampleOf(pair.receiver);
    await pause(Number(options.seconds) * 1000);
    const to = await sampleOf(pair.receiver);
    const profile = /** @type {Profiler.Profile} */ (
      await ask(profiled, "stopProfile", {}, 30_000)
    );
    const perSecond = 1000 / (to.atMs - from.atMs);
    const megabytes = round3(((to.bytes - from.bytes) * perSecond) / 1e6);
    const messages = Math.round((to.messages - from.messages) * perSecond);
    return { profile, summary: `${megabytes} MB/s, ${messages} messages/s under the profiler` };
  });
}

const { profile, summary } = await measure();
const { functions, groupTimes } = selfTimes(profile);
process.stdout.write(
  `## ${options.contender}, ${options.role}, messages of ${options.bytes} B: ${summary}\n`,
);
process.stdout.write(`${table(shares(groupTimes, "whose"))}\n\n`);
process.stdout.write(`${table(shares(functions, "function", Number(options.top)))}\n`);
if (options.out !== undefined) writeFileSync(options.out, JSON.stringify(profile));
