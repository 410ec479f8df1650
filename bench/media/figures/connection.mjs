// RTP alone through whole peer connections: processor time of a packet at each end.
import { setTimeout as pause } from "node:timers/promises";
import { measure, subject, twin } from "../../datachannel/measure.mjs";
import { figureTable } from "../../datachannel/report.mjs";
import { quick, round3 } from "../../harness.mjs";
import { ask } from "../../rpc.mjs";
import { withMediaPair } from "../pair.mjs";

/** @import { ChildProcess } from "node:child_process" */
/** @import { Figure, FigureResult, Outcome } from "../../datachannel/types.js" */
/** @import { Goal, Kind, MediaFigure, RtpSample } from "../types.js" */

const warmUpMs = quick ? 200 : 2000;
const windowMs = quick ? 400 : 3000;
const drainMs = quick ? 100 : 300;
const maxRounds = 3;
const reference = "werift";
const floor = "udp";
/** Of the processor time that the reference takes. */
const aim = 0.5;

/** @param {ChildProcess} child */
async function sampleOf(child) {
  return /** @type {RtpSample} */ (await ask(child, "sample"));
}

/** @typedef {{ name: string, kind: Kind, bytes: number, packets: number, perSecond: number }} Load */

/** @param {string} contender @param {Load} load @returns {Promise<Outcome>} */
function costOfPacket(contender, { kind, bytes, packets, perSecond }) {
  const name = contender.replace(" again", "");
  const args = (/** @type {string} */ role) => [name, role, kind, String(packets)];
  const file = "./media/rtp-peer.mjs";
  return withMediaPair(file, [args("sender"), args("receiver")], async (sender, receiver) => {
    await Promise.all([ask(receiver, "open"), ask(sender, "open")]);
    await ask(sender, "pump", { bytes, perSecond });
    await pause(warmUpMs);
    const from = await Promise.all([sampleOf(sender), sampleOf(receiver)]);
    await pause(windowMs);
    const to = await Promise.all([sampleOf(sender), sampleOf(receiver)]);
    const { sent } = /** @type {RtpSample} */ (await ask(sender, "stop"));
    await pause(drainMs);
    const { received } = await sampleOf(receiver);
    const sentUs = ((to[0].cpuMs - from[0].cpuMs) / (to[0].sent - from[0].sent)) * 1000;
    const receivedUs = ((to[1].cpuMs - from[1].cpuMs) / (to[1].received - from[1].received)) * 1000;
    return {
      value: sentUs + receivedUs,
      details: { "sender µs": sentUs, "receiver µs": receivedUs },
      ...(received === sent ? {} : { problem: `${sent - received} of ${sent} packets missing` }),
    };
  });
}

/** Frames of VP8 as 1 Mbit/s has them; a descriptor of 4 bytes comes in front of each packet. @type {readonly Load[]} */
const loads = [1000, 4000].flatMap((perSecond) => [
  { name: "Opus of 160 B", kind: "audio", bytes: 160, packets: 1, perSecond },
  { name: "VP8 of 1,100 B", kind: "video", bytes: 4 * 1096, packets: 4, perSecond },
]);

/** @param {Load} load @returns {Figure} */
function figureOf(load) {
  return {
    key: "rtp",
    title: `processor time of a packet at both ends, ${load.name}, ${load.perSecond} a second`,
    unit: "µs",
    better: "lower",
    reference,
    measure: (contender) => costOfPacket(contender, load),
  };
}

/** @param {number} value */
const shown = (value) => (Number.isNaN(value) ? "–" : round3(value));

/** @param {Load} load @param {FigureResult} result @returns {Goal[]} */
function goalsOf({ name, perSecond }, { rows, isVoid }) {
  const of = (/** @type {string} */ wanted) => rows.find(({ contender }) => contender === wanted);
  const hasProblems = (of(subject)?.problems.length ?? 1) > 0;
  return ["sender", "receiver"].map((end) => {
    const us = (/** @type {string} */ contender) =>
      of(contender)?.details[`${end} µs`] ?? Number.NaN;
    const [own, other, bare] = [us(subject), us(reference), us(floor)];
    const net = shown((own - bare) / (other - bare));
    return {
      figure: `RTP, ${name}, ${perSecond}/s, ${end}`,
      werift: `${shown(other)} µs`,
      conic: `${shown(own)} µs (${shown(own / other)}; above bare UDP ${net})`,
      aim: `≤ ${aim} of werift`,
      isMet: isVoid ? "void" : !hasProblems && own <= other * aim,
    };
  });
}

/** @type {MediaFigure} */
export const connectionFigure = {
  key: "rtp",
  async run({ rounds, report }) {
    const contenders = quick ? [subject, reference] : [subject, twin, reference, floor];
    const goals = [];
    for (const load of quick ? loads.slice(1, 2) : loads) {
      const result = await measure(figureOf(load), contenders, Math.min(rounds, maxRounds));
      report(figureTable(result));
      goals.push(...goalsOf(load, result));
      const own = result.rows.find(({ contender }) => contender === subject);
      if (quick && Number.isNaN(own?.median ?? Number.NaN)) process.exitCode = 1;
    }
    return goals;
  },
};
