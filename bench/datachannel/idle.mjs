// Memory of idle connections: both ends of each in this process, one open channel each. argv: contender. Run with
// --expose-gc.
import { setTimeout as pause } from "node:timers/promises";
import { serve } from "../rpc.mjs";
import { rewriteSignal } from "./candidates.mjs";
import { loadContender } from "./contenders/load.mjs";

/** @import { BenchPeer, Flow, Role } from "./types.js" */

const createPeer = await loadContender(process.argv[2]);
const atOnce = 4;
/** Nothing may be collected while it is measured. @type {BenchPeer[]} */
const kept = [];

/** @param {Flow} flow */
async function pair(flow) {
  /** @type {Partial<Record<Role, BenchPeer>>} */
  const peers = {};
  /** @param {Role} role @param {Role} other */
  const create = (role, other) =>
    createPeer({
      role,
      flow,
      send: (signal) => {
        const local = rewriteSignal(signal, (port) => port);
        if (local !== undefined) setImmediate(() => peers[other]?.signal(local));
      },
    });
  const receiver = create("receiver", "sender");
  const sender = create("sender", "receiver");
  Object.assign(peers, { sender, receiver });
  kept.push(sender, receiver);
  await Promise.all([receiver.answer(), sender.call()]);
}

/** Opens so many more pairs. @param {{ pairs: number, flow: Flow }} args */
async function open({ pairs, flow }) {
  let left = pairs;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      await pair(flow);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** The memory that stays after garbage collection, when it no longer falls. */
async function rss() {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i += 1) {
    globalThis.gc?.();
    await pause(100);
    least = Math.min(least, process.memoryUsage.rss());
  }
  return least;
}

serve({ open, rss });
