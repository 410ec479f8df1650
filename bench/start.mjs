// How long the apps take to start: until they have said what they were asked, listen, or are registered.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { median, quick, round3, shuffled } from "./harness.mjs";

const rounds = quick ? 1 : 10;
const reference = "node -e 0";

/** @param {string} app */
const program = (app) => fileURLToPath(new URL(`../apps/${app}/dist/main.js`, import.meta.url));

/**
 * Milliseconds from the start of a process until it prints a line with `mark`, or ends where there is none. It is told
 * to stop then, so that Node keeps its compiled code where it has a cache.
 *
 * @param {readonly string[]} args of Node @param {string} [mark]
 */
async function timeOf(args, mark) {
  const start = performance.now();
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "ignore"] });
  const exited = once(child, "exit");
  let ms = Number.NaN;
  for await (const line of createInterface({ input: child.stdout })) {
    if (mark === undefined || !line.includes(mark) || !Number.isNaN(ms)) continue;
    ms = performance.now() - start;
    child.kill("SIGTERM");
  }
  const [code] = /** @type {[number | null]} */ (await exited);
  if (mark === undefined && code === 0) return performance.now() - start;
  if (Number.isNaN(ms))
    throw new Error(`node ${args.join(" ")} ended with ${code} before its time`);
  return ms;
}

/** A server for those that register. @param {(addr: string) => Promise<void>} use */
async function withServer(use) {
  const child = spawn(process.execPath, [program("signal"), "--port=0", "--log-level=silent"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  try {
    const [line] = /** @type {[string]} */ (
      await once(createInterface({ input: child.stdout }), "line")
    );
    await use(line.slice(line.indexOf("ws")));
  } finally {
    child.kill("SIGTERM");
    await exited;
  }
}

/** @param {string} addr @returns {Record<string, () => Promise<number>>} */
function contenders(addr) {
  const registered = '"registered"';
  return {
    [reference]: () => timeOf(["-e", "0"]),
    "node -e 0 again (control)": () => timeOf(["-e", "0"]),
    "conic-signal --help": () => timeOf([program("signal"), "--help"]),
    "conic-signal until it listens": () =>
      timeOf([program("signal"), "--port=0"], "signaling server on"),
    "conic-datachannel --help": () => timeOf([program("datachannel"), "--help"]),
    "conic-datachannel until it is registered": () =>
      timeOf([program("datachannel"), "--role=answer", "--json", `--addr=${addr}`], registered),
    "conic-media --help": () => timeOf([program("media"), "--help"]),
    "conic-media until it is registered": () =>
      timeOf(
        [program("media"), "start", "audio", "--role=answer", "--json", `--addr=${addr}`],
        registered,
      ),
  };
}

/** @typedef {{ title: string, rows: Record<string, string | number>[], notes: string[] }} Report */

/** @param {{ report: (report: Report) => void }} context */
export async function run({ report }) {
  await withServer(async (addr) => {
    const all = contenders(addr);
    /** @type {Map<string, number[]>} */
    const times = new Map(Object.keys(all).map((name) => [name, []]));
    // The first round fills the caches of the disk and of Node, and does not count.
    for (let round = quick ? 1 : 0; round <= rounds; round += 1) {
      for (const [name, measure] of shuffled(Object.entries(all))) {
        const ms = await measure();
        if (round > 0) times.get(name)?.push(ms);
      }
    }
    const base = median(times.get(reference) ?? []);
    const rows = [...times].map(([start, values]) => ({
      start,
      "median, ms": round3(median(values)),
      min: round3(Math.min(...values)),
      max: round3(Math.max(...values)),
      "above node, ms": round3(median(values) - base),
    }));
    report({
      title: "Start of the apps",
      rows,
      notes: [
        `Median of ${rounds} rounds in random order. The aim is 300 ms.`,
        "Registered: with a server on this machine, over a WebSocket.",
      ],
    });
  });
}
