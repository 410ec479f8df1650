// Messages a second through one ordered, reliable channel, counted by the receiver.
import { setTimeout as pause } from "node:timers/promises";
import { quick } from "../../harness.mjs";
import { ask } from "../../rpc.mjs";
import { flowFor, sampleOf, withPair } from "../pair.mjs";

/** @import { Figure, Outcome, PathOptions } from "../types.js" */

/** @param {number} cpuMs @param {number} wallMs */
const percent = (cpuMs, wallMs) => (cpuMs / wallMs) * 100;

/**
 * @param {string} contender
 * @param {{ bytes: number, warmUpMs: number, measureMs: number, path?: PathOptions, seed: number }} options
 * @returns {Promise<Outcome>}
 */
function throughput(contender, { bytes, warmUpMs, measureMs, path, seed }) {
  return withPair(contender, path, async (pair) => {
    await pair.connect({ flow: flowFor(bytes), seed });
    await ask(pair.receiver, "count", { bytes });
    await ask(pair.sender, "pump", { bytes });
    await pause(warmUpMs);
    const [fromSender, from] = await Promise.all([sampleOf(pair.sender), sampleOf(pair.receiver)]);
    await pause(measureMs);
    const [toSender, to] = await Promise.all([sampleOf(pair.sender), sampleOf(pair.receiver)]);
    const wallMs = to.atMs - from.atMs;
    const messages = to.messages - from.messages;
    const stats = path === undefined ? undefined : await pair.disconnect();
    const problem =
      to.wrong > 0
        ? `${to.wrong} messages wrong or out of sequence`
        : messages === 0
          ? `hang: no message arrived in ${measureMs / 1000} s`
          : undefined;
    return {
      value: (to.bytes - from.bytes) / wallMs / 1000,
      details: {
        "msg/s": (messages / wallMs) * 1000,
        "CPU % sender": percent(toSender.cpuMs - fromSender.cpuMs, toSender.atMs - fromSender.atMs),
        "CPU % receiver": percent(to.cpuMs - from.cpuMs, wallMs),
        ...(stats === undefined
          ? {}
          : { "path late ms": stats.lateMs, "path drops": stats.tooLarge + stats.queueFull }),
      },
      ...(problem === undefined ? {} : { problem }),
    };
  });
}

/**
 * @param {string} key
 * @param {string} title
 * @param {{ bytes: number, warmUpMs?: number, measureMs?: number, path?: PathOptions }} options
 * @returns {Figure}
 */
function figure(key, title, { warmUpMs = 1000, measureMs = 2500, ...options }) {
  const times = quick ? { warmUpMs: 150, measureMs: 250 } : { warmUpMs, measureMs };
  return {
    key,
    title,
    unit: "MB/s",
    better: "higher",
    measure: (contender, round) => throughput(contender, { ...options, ...times, seed: round + 1 }),
  };
}

/** @type {readonly Figure[]} */
export const throughputFigures = [
  figure("16KiB", "messages of 16 KiB", { bytes: 16_384 }),
  figure("1KiB", "messages of 1 KiB", { bytes: 1024 }),
  figure("16B", "messages of 16 B", { bytes: 16 }),
  figure("10ms", "messages of 16 KiB, 10 ms round trip, no loss", {
    bytes: 16_384,
    warmUpMs: 2000,
    measureMs: 3000,
    path: { rttMs: 10, loss: 0 },
  }),
  figure("50ms-1%", "messages of 16 KiB, 50 ms round trip, 1 % loss", {
    bytes: 16_384,
    warmUpMs: 2000,
    measureMs: 6000,
    path: { rttMs: 50, loss: 0.01 },
  }),
];
