// One run of many streams between two processes, each on a core of its own.
import { setTimeout as pause } from "node:timers/promises";
import { quick } from "../../harness.mjs";
import { pin } from "../../pin.mjs";
import { ask } from "../../rpc.mjs";
import { withMediaPair } from "../pair.mjs";

/** @import { ChildProcess } from "node:child_process" */
/** @import { StreamsOutcome, StreamsSample, StreamsSetting } from "../types.js" */

const warmUpMs = quick ? 100 : 2000;
const windowMs = quick ? 400 : 6000;
/** What is under way when the senders stop has arrived and is decoded after this. */
const drainMs = quick ? 200 : 700;
const openTimeoutMs = 30_000;

/** @param {ChildProcess} child */
async function sampleOf(child) {
  return /** @type {StreamsSample} */ (await ask(child, "sample", {}, 20_000));
}

/**
 * @param {StreamsSetting} setting
 * @param {{ pinned?: boolean }} [options] false: both may use all cores
 * @returns {Promise<StreamsOutcome>}
 */
export function runStreams(setting, { pinned = true } = {}) {
  const plan = (/** @type {string} */ role) => [JSON.stringify({ ...setting, role })];
  const file = "./media/stream-peer.mjs";
  return withMediaPair(file, [plan("sender"), plan("receiver")], async (sender, receiver) => {
    const measured = setting.measured === "sender" ? sender : receiver;
    if (pinned) {
      pin(sender, measured === sender ? 0 : 1);
      pin(receiver, measured === receiver ? 0 : 1);
    }
    await Promise.all([
      ask(receiver, "open", {}, openTimeoutMs),
      ask(sender, "open", {}, openTimeoutMs),
    ]);
    await ask(sender, "start");
    await pause(warmUpMs);
    const from = await sampleOf(measured);
    await pause(windowMs);
    const to = await sampleOf(measured);
    await ask(sender, "stop");
    await pause(drainMs);
    const { planned } = await sampleOf(sender);
    const { received, wrong } = await sampleOf(receiver);
    return {
      missing: planned - received,
      planned,
      wrong,
      cpuPercent: ((to.cpuMs - from.cpuMs) / (to.atMs - from.atMs)) * 100,
      loopP50Ms: to.loopP50Ms,
      loopP99Ms: to.loopP99Ms,
    };
  });
}
