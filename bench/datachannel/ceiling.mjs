// What the machine does with bare datagrams, directly and through the emulator: the ceiling of everything else.
import { setTimeout as pause } from "node:timers/promises";
import { median, quick } from "../harness.mjs";
import { ask, withServing } from "../rpc.mjs";
import { pathProgram } from "./path-program.mjs";

/** @import { ChildProcess } from "node:child_process" */
/** @import { PathOptions, Role, Sample } from "./types.js" */

/** @param {ChildProcess | undefined} child */
async function portOf(child) {
  return child === undefined ? 0 : Number(await ask(child, "port"));
}

/** @param {number} bytes @param {PathOptions | undefined} path */
function once(bytes, path) {
  const file = "./datachannel/raw.mjs";
  const programs = [
    { file, args: [] },
    { file, args: [] },
    ...(path === undefined ? [] : [pathProgram]),
  ];
  return withServing(programs, async ([sender, receiver, relay]) => {
    if (sender === undefined || receiver === undefined) throw new Error("a process is missing");
    const own = { sender: await portOf(sender), receiver: await portOf(receiver) };
    /** @type {Record<Role, number>} the port that each end sends to */
    let remote = { sender: own.receiver, receiver: own.sender };
    if (relay !== undefined) {
      remote = /** @type {Record<Role, number>} */ (
        await ask(relay, "open", { id: 1, seed: 1, ...path })
      );
      await ask(relay, "connect", { id: 1, role: "sender", port: own.sender });
      await ask(relay, "connect", { id: 1, role: "receiver", port: own.receiver });
    }
    await ask(sender, "connect", { port: remote.sender });
    await ask(receiver, "connect", { port: remote.receiver });
    await ask(receiver, "receive");
    await ask(sender, "send", { bytes });
    await pause(quick ? 100 : 500);
    const from = /** @type {Sample} */ (await ask(receiver, "sample"));
    await pause(quick ? 200 : 1500);
    const to = /** @type {Sample} */ (await ask(receiver, "sample"));
    return (to.messages - from.messages) / (to.atMs - from.atMs);
  });
}

/** @type {readonly (readonly [string, number, PathOptions | undefined])[]} */
const ways = [
  ["direct, 1,200 B", 1200, undefined],
  ["direct, 1,400 B", 1400, undefined],
  ["through the path emulator, 10 ms, 1,200 B", 1200, { rttMs: 10, loss: 0 }],
];

/** @param {number} rounds */
export async function ceilings(rounds) {
  const rows = [];
  for (const [name, bytes, path] of ways) {
    const rates = [];
    for (let round = 0; round < rounds; round += 1) rates.push(await once(bytes, path));
    const perMs = median(rates);
    rows.push({
      "bare UDP, Node to Node": name,
      "datagrams/s": Math.round(perMs * 1000),
      "MB/s": Number(((perMs * bytes) / 1000).toPrecision(3)),
    });
  }
  return rows;
}
