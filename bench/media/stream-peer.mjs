// One end of many streams in a process of its own. argv: a StreamsPlan as JSON.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { quick } from "../harness.mjs";
import { serve } from "../rpc.mjs";
import { conicConnection } from "./contenders/connection.mjs";
import { StreamReceiver } from "./streams/receiver.mjs";
import { StreamSender } from "./streams/sender.mjs";

/** @import { Signal } from "@conic/domain" */
/** @import { StreamsPlan, StreamsSample } from "./types.js" */

/** A connection sends 32 at most. */
const tracksPerPeer = 25;
const idleMs = quick ? 100 : 500;

const plan = /** @type {StreamsPlan} */ (JSON.parse(process.argv[2] ?? ""));
const sender = plan.role === "sender" ? await StreamSender.create(plan) : undefined;
const receiver = plan.role === "receiver" ? await StreamReceiver.create(plan) : undefined;
const connections = Array.from({ length: Math.ceil(plan.count / tracksPerPeer) }, (_, id) =>
  conicConnection(plan.role, (signal) => process.send?.({ type: "signal", id, signal })),
);
const peers = connections.map(({ peer }) => peer);
const loop = monitorEventLoopDelay({ resolution: 1 });
/** What a timer of 1 ms takes in this process when there is nothing to do. */
let idleLoopMs = 0;

async function open() {
  await Promise.all([sender?.open(peers, tracksPerPeer), receiver?.open(peers)]);
  loop.enable();
  await pause(idleMs);
  idleLoopMs = loop.percentile(50) / 1e6;
  loop.reset();
}

/** @returns {StreamsSample} */
function sample() {
  const { user, system } = process.cpuUsage();
  const delay = (/** @type {number} */ percent) =>
    Math.max(0, loop.percentile(percent) / 1e6 - idleLoopMs);
  const result = {
    atMs: Number(process.hrtime.bigint()) / 1e6,
    cpuMs: (user + system) / 1000,
    planned: sender?.planned ?? 0,
    written: sender?.written ?? 0,
    received: receiver?.received ?? 0,
    wrong: receiver?.wrong ?? 0,
    loopP50Ms: delay(50),
    loopP99Ms: delay(99),
  };
  loop.reset();
  return result;
}

process.on("message", (message) => {
  if (typeof message !== "object" || message === null || !("signal" in message)) return;
  const { id, signal } = /** @type {{ id: number, signal: Signal }} */ (message);
  connections[id]?.signal(signal);
});
serve({
  open,
  sample,
  start: () => sender?.start(),
  stop: () => sender?.stop(),
});
