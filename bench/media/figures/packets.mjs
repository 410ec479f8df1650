// What packets cost in one process, without a socket: reading, writing, protection, a session.
import { randomBytes } from "node:crypto";
import { compare, quick, round3 } from "../../harness.mjs";
import { conicPackets, weriftPackets } from "../packets.mjs";

/** @import { Goal, MediaFigure } from "../types.js" */

/** @typedef {{ name: string, unit: "ns" | "µs", operations: number, conic: () => () => number, werift?: () => () => number, aim?: number }} Operation */

const opusBytes = 160;
const vp8Bytes = 1100;
const profiles = [
  { label: "AES-128-GCM", profile: 0x0007, saltBytes: 12 },
  { label: "AES-CM, HMAC-SHA1-80", profile: 0x0001, saltBytes: 14 },
];

/** @param {number} profile @param {number} saltBytes */
function keysOf(profile, saltBytes) {
  const [key, salt] = [randomBytes(16), randomBytes(saltBytes)];
  return { profile, localKey: key, localSalt: salt, remoteKey: key, remoteSalt: salt };
}

/** @type {readonly Operation[]} */
const operations = [
  {
    name: "VP8 payload descriptor",
    unit: "ns",
    operations: quick ? 10_000 : 100_000,
    conic: () => conicPackets.parseVp8(vp8Bytes),
    werift: () => weriftPackets.parseVp8(vp8Bytes),
    aim: 100,
  },
  {
    name: "RTP packet with MID, read",
    unit: "ns",
    operations: quick ? 10_000 : 100_000,
    conic: () => conicPackets.parseRtp(vp8Bytes),
    werift: () => weriftPackets.parseRtp(vp8Bytes),
  },
  ...profiles.flatMap(({ label, profile, saltBytes }) =>
    [opusBytes, vp8Bytes].flatMap((bytes) => {
      const keys = keysOf(profile, saltBytes);
      const common = { unit: /** @type {const} */ ("µs"), operations: quick ? 200 : 4000 };
      return [
        {
          ...common,
          name: `SRTP, ${label}, ${bytes} B: write and protect`,
          conic: () => conicPackets.protect(keys, bytes),
          werift: () => weriftPackets.protect(keys, bytes),
        },
        {
          ...common,
          name: `SRTP, ${label}, ${bytes} B: unprotect`,
          conic: () => conicPackets.unprotect(keys, bytes, common.operations),
          werift: () => weriftPackets.unprotect(keys, bytes, common.operations),
        },
      ];
    }),
  ),
  {
    name: `RTP session, Opus of ${opusBytes} B: send and receive`,
    unit: "µs",
    operations: quick ? 500 : 20_000,
    conic: () => conicPackets.session("audio", opusBytes),
  },
  {
    name: `RTP session, VP8 of ${vp8Bytes} B: send and receive`,
    unit: "µs",
    operations: quick ? 500 : 20_000,
    conic: () => conicPackets.session("video", vp8Bytes),
  },
];

/** Processor time of one operation, threads that collect garbage included, after as many that are not counted. @param {Operation} operation @param {() => () => number} prepare */
function timed({ operations: count, unit }, prepare) {
  return async () => {
    let checked = 0;
    for (let left = count, run = prepare(); left > 0; left -= 1) checked += run();
    const run = prepare();
    const before = process.cpuUsage();
    for (let left = count; left > 0; left -= 1) checked += run();
    const { user, system } = process.cpuUsage(before);
    if (checked !== count * 2) throw new Error(`${checked} of ${count * 2} operations were right`);
    return ((user + system) * (unit === "ns" ? 1000 : 1)) / count;
  };
}

/** @param {Operation} operation @param {number} rounds */
async function rowOf(operation, rounds) {
  const { name, unit, conic, werift, aim } = operation;
  const { rows, note } = await compare({
    figure: "contender",
    reference: werift === undefined ? "conic" : "werift",
    contenders: {
      conic: timed(operation, conic),
      ...(werift === undefined ? {} : { werift: timed(operation, werift) }),
    },
    rounds,
  });
  const of = (/** @type {string} */ contender) =>
    rows.find((row) => row["contender"] === contender);
  const medianOf = (/** @type {string} */ contender) => of(contender)?.["median"] ?? "–";
  return {
    operation: name,
    unit,
    conic: medianOf("conic"),
    "conic again": medianOf("conic again (control)"),
    werift: medianOf("werift"),
    "ratio to werift": of("conic")?.["ratio to werift"] ?? "–",
    aim: aim === undefined ? "" : `< ${aim}`,
    noise: note.startsWith("VOID") ? "VOID" : "",
  };
}

/** @type {MediaFigure} */
export const packetsFigure = {
  key: "packets",
  async run({ rounds, report }) {
    const rows = [];
    /** @type {Goal[]} */
    const goals = [];
    for (const operation of operations) {
      const row = await rowOf(operation, rounds);
      rows.push(row);
      const { name, unit, aim } = operation;
      if (aim === undefined) continue;
      const ns = Number(row.conic);
      goals.push({
        figure: name,
        werift: `${round3(Number(row.werift))} ${unit}`,
        conic: `${round3(ns)} ${unit}`,
        aim: `< ${aim} ${unit}`,
        isMet: row.noise === "VOID" ? "void" : ns < aim,
      });
    }
    report({
      title: "packets: processor time of one, in one process (lower is better)",
      rows,
      notes: ["VOID: the twins differ by more than 20 %: the machine was too noisy."],
    });
    return goals;
  },
};
