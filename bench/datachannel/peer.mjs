// One end of a data channel in a process of its own; the parent carries the signals and asks for what it measures.
// argv: contender, role. Run with --expose-gc.
import { Session } from "node:inspector/promises";
import { setImmediate as turn } from "node:timers/promises";
import { serve } from "../rpc.mjs";
import { loadContender } from "./contenders/load.mjs";

/** @import { Signal } from "@conic/domain" */
/** @import { BenchChannel, BenchPeer, Flow, PeerOptions, Role, Sample } from "./types.js" */

const [contender, roleName] = process.argv.slice(2);
const role = /** @type {Role} */ (roleName);
const createPeer = await loadContender(contender);
/** A sender looks after everything else it has to do after so many messages. */
const messagesPerTurn = 64;

/** @type {{ id: number, peer: BenchPeer } | undefined} */
let current;
/** @type {{ id: number, begin: () => Promise<void> } | undefined} */
let awaited;
/** @type {BenchChannel | undefined} */
let channel;
const seen = { messages: 0, bytes: 0, wrong: 0 };
const profiler = new Session();

/** The monotonic clock, which all processes of a machine share, in ms. */
const now = () => Number(process.hrtime.bigint()) / 1e6;

function open() {
  if (channel === undefined) throw new Error("the channel is not open");
  return channel;
}

/** @param {number} id @param {Flow} flow */
function create(id, flow) {
  /** @type {PeerOptions["send"]} */
  const send = (signal) => process.send?.({ type: "signal", id, signal });
  const peer = createPeer({ role, flow, send });
  current = { id, peer };
  return peer;
}

/** What a sender and a receiver agree on: a counter in the first bytes, so that loss and disorder are seen. */
class Numbered {
  /** @param {number} bytes */
  constructor(bytes) {
    this.payload = Buffer.alloc(bytes, 7);
    this.count = 0;
  }

  next() {
    this.payload.writeUInt32LE(this.count);
    this.count = (this.count + 1) >>> 0;
    return this.payload;
  }
}

/** @param {number} bytes */
async function pump(bytes) {
  const messages = new Numbered(bytes);
  const to = open();
  for (;;) {
    if (channel !== to) return;
    let isWritable = true;
    for (let i = 0; i < messagesPerTurn && isWritable; i += 1)
      isWritable = to.send(messages.next());
    await (isWritable ? turn() : to.ready());
  }
}

/** @param {{ id: number, flow: Flow }} args */
async function answer({ id, flow }) {
  channel = undefined;
  /** @type {Promise<BenchChannel>} */
  const opening = new Promise((resolve, reject) => {
    // As an answerer does, it makes its connection when the offer arrives.
    awaited = { id, begin: () => create(id, flow).answer().then(resolve, reject) };
  });
  channel = await opening;
  return { openAt: now() };
}

/** @param {{ id: number, flow: Flow }} args */
async function call({ id, flow }) {
  channel = undefined;
  const newAt = now();
  const peer = create(id, flow);
  const offerAt = now();
  channel = await peer.call();
  return { newAt, offerAt, openAt: now() };
}

/** @param {{ bytes: number }} args */
function count({ bytes }) {
  let expected = 0;
  open().receive((data) => {
    seen.messages += 1;
    seen.bytes += data.length;
    const number =
      data.length < 4 ? -1 : new DataView(data.buffer, data.byteOffset).getUint32(0, true);
    if (data.length !== bytes || number !== expected) seen.wrong += 1;
    expected = (number + 1) >>> 0;
  });
}

/** One message at a time. @param {{ count: number, bytes: number }} args */
async function ping({ count: pings, bytes }) {
  const messages = new Numbered(bytes);
  const to = open();
  /** @type {(() => void) | undefined} */
  let back;
  to.receive(() => back?.());
  /** @type {number[]} */
  const times = [];
  for (let i = 0; i < pings; i += 1) {
    const start = performance.now();
    await new Promise((resolve) => {
      back = () => {
        times.push(performance.now() - start);
        resolve(undefined);
      };
      to.send(messages.next());
    });
  }
  return times;
}

/** Everything at once, each message in bytes of its own that only the channel holds. @param {{ messages: number, bytes: number }} args */
function burst({ messages, bytes }) {
  globalThis.gc?.();
  const rssBefore = process.memoryUsage.rss();
  const to = open();
  const start = performance.now();
  for (let i = 0; i < messages; i += 1) {
    const payload = Buffer.alloc(bytes, 7);
    payload.writeUInt32LE(i);
    to.send(payload);
  }
  return { rssBefore, loopMs: performance.now() - start };
}

/** @returns {Sample} */
function sample() {
  const { user, system } = process.cpuUsage();
  return { atMs: now(), cpuMs: (user + system) / 1000, ...seen };
}

process.on("message", (message) => {
  if (typeof message !== "object" || message === null || !("signal" in message)) return;
  const { id, signal } = /** @type {{ id: number, signal: Signal }} */ (message);
  if (awaited?.id === id) {
    void awaited.begin();
    awaited = undefined;
  }
  if (current?.id === id) current.peer.signal(signal);
});
serve({
  call,
  answer,
  count,
  ping,
  burst,
  sample,
  echo: () => {
    const to = open();
    to.receive((data) => void to.send(data));
  },
  /** @param {{ bytes: number }} args */
  pump: ({ bytes }) => {
    pump(bytes).catch((/** @type {unknown} */ error) => {
      // A wait that ends because the channel was closed is the end of the measurement.
      if (channel !== undefined) throw error;
    });
  },
  close: async () => {
    channel = undefined;
    await current?.peer.close();
    current = undefined;
  },
  peakRss: () => process.resourceUsage().maxRSS * 1024,
  profile: async () => {
    profiler.connect();
    await profiler.post("Profiler.enable");
    await profiler.post("Profiler.setSamplingInterval", { interval: 500 });
    await profiler.post("Profiler.start");
  },
  stopProfile: async () => (await profiler.post("Profiler.stop")).profile,
});
