// Memory of a sender that does not wait, and of connections that do nothing.
import { setTimeout as pause } from "node:timers/promises";
import { quick } from "../../harness.mjs";
import { ask, withServing } from "../../rpc.mjs";
import { flowFor, sampleOf, withPair } from "../pair.mjs";

/** @import { Figure, Outcome } from "../types.js" */

const messageBytes = 65_536;
const messages = Math.round((quick ? 8e6 : 200e6) / messageBytes);
const payloadBytes = messages * messageBytes;
const burstTimeoutMs = quick ? 5000 : 30_000;
const [fewPairs, manyPairs] = quick ? [2, 4] : [50, 100];
const mebibyte = 1_048_576;

/** @param {string} contender @returns {Promise<Outcome>} */
function burst(contender) {
  return withPair(contender, undefined, async (pair) => {
    await pair.connect({ flow: { ...flowFor(messageBytes), maxBytes: payloadBytes * 2 } });
    await ask(pair.receiver, "count", { bytes: messageBytes });
    const start = performance.now();
    const { rssBefore, loopMs } = /** @type {{ rssBefore: number, loopMs: number }} */ (
      await ask(pair.sender, "burst", { messages, bytes: messageBytes }, burstTimeoutMs)
    );
    let seen = await sampleOf(pair.receiver);
    while (seen.messages < messages && performance.now() - start < burstTimeoutMs) {
      await pause(100);
      seen = await sampleOf(pair.receiver);
    }
    const seconds = (performance.now() - start) / 1000;
    const peak = Number(await ask(pair.sender, "peakRss"));
    const missing = messages - seen.messages;
    return {
      value: (peak - rssBefore - payloadBytes) / mebibyte,
      details: { "peak MiB": peak / mebibyte, "send loop ms": loopMs, "all arrived s": seconds },
      ...(missing > 0 || seen.wrong > 0
        ? {
            problem: `${missing} of ${messages} messages missing after ${seconds.toFixed(0)} s, ${seen.wrong} wrong`,
          }
        : {}),
    };
  });
}

/** @param {string} contender @returns {Promise<Outcome>} */
function idle(contender) {
  const args = [contender.replace(" again", "")];
  return withServing([{ file: "./datachannel/idle.mjs", args }], async ([child]) => {
    if (child === undefined) throw new Error("the process is missing");
    const flow = flowFor(1024);
    const open = async (/** @type {number} */ pairs) => {
      await ask(child, "open", { pairs, flow }, 60_000);
      return Number(await ask(child, "rss"));
    };
    const base = await open(quick ? 1 : 5);
    const few = await open(fewPairs);
    const many = await open(manyPairs - fewPairs);
    return {
      value: (many - base) / 1024 / (manyPairs * 2),
      details: { [`after ${fewPairs} pairs`]: (few - base) / 1024 / (fewPairs * 2) },
    };
  });
}

/** @type {readonly Figure[]} */
export const memoryFigures = [
  {
    key: "burst",
    title: `${Math.round(payloadBytes / 1e6)} MB sent without waiting, in messages of 64 KiB: sender's peak memory above the payload`,
    unit: "MiB",
    better: "lower",
    floor: 16,
    maxRounds: 3,
    measure: burst,
  },
  {
    key: "idle",
    title: `memory of an end of an idle connection, ${manyPairs} pairs in one process`,
    unit: "KiB",
    better: "lower",
    maxRounds: 3,
    measure: idle,
  },
];
