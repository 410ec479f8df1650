// Messages at times that were fixed beforehand: what waits for a server that is late counts as late (no coordinated
// omission).
import { setTimeout as pause } from "node:timers/promises";
import { numbersPerSender } from "./ledger.mjs";

/** @import { Load } from "./load.mjs" */
/** @import { Latencies } from "../types.js" */

/** Uniform numbers, the same ones each time (mulberry32). @param {number} seed */
export function seeded(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** @param {number[]} values sorted @param {number} fraction */
function at(values, fraction) {
  return values[Math.min(values.length - 1, Math.floor(values.length * fraction))] ?? Number.NaN;
}

/**
 * Sends at random times, as many clients that know nothing of each other do, and measures from each of these times to
 * the arrival.
 *
 * @param {Load} load
 * @param {{ perSecond: number, warmUpMs: number, windowMs: number }} options
 * @returns {Promise<Latencies>}
 */
export async function openLoop(load, { perSecond, warmUpMs, windowMs }) {
  /** @type {number[]} */
  const latencies = [];
  /** @type {number[]} */
  const late = [];
  const start = performance.now() + 20;
  const from = start + warmUpMs;
  const end = from + windowMs;
  load.shared.onMessage = (client, number) => {
    const due = load.clients[client.sender]?.due?.[(number % numbersPerSender) & 63] ?? 0;
    if (due >= from) latencies.push(performance.now() - due);
  };
  const random = seeded(20);
  const gap = () => (-Math.log(1 - random()) * 1000) / perSecond;
  await new Promise((resolve) => {
    let due = start + gap();
    const step = () => {
      for (let now = performance.now(); due <= now && due < end; due += gap()) {
        load.sendDue(due);
        if (due >= from) late.push(now - due);
      }
      if (due < end) setImmediate(step);
      else resolve(undefined);
    };
    step();
  });
  await pause(500);
  latencies.sort((a, b) => a - b);
  late.sort((a, b) => a - b);
  const [p50Us, p99Us, lateP99Us] = [at(latencies, 0.5), at(latencies, 0.99), at(late, 0.99)].map(
    (ms) => ms * 1000,
  );
  return {
    p50Us: p50Us ?? Number.NaN,
    p99Us: p99Us ?? Number.NaN,
    lateP99Us: lateP99Us ?? Number.NaN,
    count: latencies.length,
  };
}
