// Two fresh processes with one end of a connection each, and what is between them.
import { ask, withServing } from "../rpc.mjs";
import { pathProgram } from "./path-program.mjs";
import { rewriteSignal } from "./candidates.mjs";

/** @import { ChildProcess } from "node:child_process" */
/** @import { Signal } from "@conic/domain" */
/** @import { Flow, PathOptions, PathStats, Role, Sample } from "./types.js" */

/** @typedef {{ rewrite: (from: Role, signal: Signal) => Promise<Signal | undefined>, close: () => Promise<PathStats> }} Link */
/** @typedef {{ open: (id: number, seed: number) => Promise<Link> }} Path */
/** @typedef {{ newAt: number, offerAt: number, openAt: number }} Opened */

/** What an application would choose, and the same for all: the defaults of Conic. @param {number} bytes @returns {Flow} */
export function flowFor(bytes) {
  const highBytes = bytes < 64 ? 262_144 : 1_048_576;
  return { highBytes, lowBytes: highBytes / 4, maxBytes: 16_777_216 };
}

/** Without an emulator. @type {Path} */
const loopback = {
  open: async () => ({
    rewrite: async (_, signal) => rewriteSignal(signal, (port) => port),
    close: async () => ({ forwarded: 0, lost: 0, tooLarge: 0, queueFull: 0, lateMs: 0, cpuMs: 0 }),
  }),
};

/** @param {ChildProcess} relay @param {PathOptions} options @returns {Path} */
function emulated(relay, options) {
  return {
    async open(id, seed) {
      const ports = /** @type {Record<Role, number>} */ (
        await ask(relay, "open", { id, seed, ...options })
      );
      return {
        async rewrite(from, signal) {
          /** @type {number[]} */
          const found = [];
          const to = from === "sender" ? "receiver" : "sender";
          const rewritten = rewriteSignal(signal, (port) => {
            found.push(port);
            return ports[to];
          });
          const [port] = found;
          if (port !== undefined) await ask(relay, "connect", { id, role: from, port });
          return rewritten;
        },
        close: async () => /** @type {PathStats} */ (await ask(relay, "close", { id })),
      };
    },
  };
}

/** A pair of processes of one contender. */
export class Pair {
  #lastId = 0;
  /** @type {Link | undefined} */
  #link;
  #path;

  /** @param {ChildProcess} sender @param {ChildProcess} receiver @param {Path} path */
  constructor(sender, receiver, path) {
    this.sender = sender;
    this.receiver = receiver;
    this.#path = path;
    this.#carry(sender, "sender", receiver);
    this.#carry(receiver, "receiver", sender);
  }

  /** One connection with one channel. @param {{ flow: Flow, seed?: number, timeoutMs?: number }} options */
  async connect({ flow, seed = 1, timeoutMs = 20_000 }) {
    this.#lastId += 1;
    const id = this.#lastId;
    this.#link = await this.#path.open(id, seed);
    const [answered, called] = await Promise.all([
      ask(this.receiver, "answer", { id, flow }, timeoutMs),
      ask(this.sender, "call", { id, flow }, timeoutMs),
    ]);
    const sender = /** @type {Opened} */ (called);
    const receiver = /** @type {{ openAt: number }} */ (answered);
    const openAt = Math.max(sender.openAt, receiver.openAt);
    return { fromOfferMs: openAt - sender.offerAt, fromNewMs: openAt - sender.newAt };
  }

  /** Closes both ends and tells what the path did. @returns {Promise<PathStats | undefined>} */
  async disconnect() {
    const link = this.#link;
    this.#link = undefined;
    // The sender first: it would not know why its channel goes away.
    for (const end of [this.sender, this.receiver]) {
      await ask(end, "close").catch(() => undefined);
    }
    return link?.close();
  }

  /** @param {ChildProcess} from @param {Role} role @param {ChildProcess} to */
  #carry(from, role, to) {
    let last = Promise.resolve();
    from.on("message", (message) => {
      if (typeof message !== "object" || !("signal" in message)) return;
      const { id, signal } = /** @type {{ id: number, signal: Signal }} */ (message);
      const link = this.#link;
      if (id !== this.#lastId || link === undefined) return;
      last = last.then(async () => {
        try {
          const rewritten = await link.rewrite(role, signal);
          if (rewritten !== undefined && to.connected) to.send({ id, signal: rewritten });
        } catch {
          // The connection was given up meanwhile: whoever waits for it reports that.
        }
      });
    });
  }
}

/**
 * @template T
 * @param {string} contender
 * @param {PathOptions | undefined} path undefined for loopback as it is
 * @param {(pair: Pair) => Promise<T>} use
 * @returns {Promise<T>}
 */
export function withPair(contender, path, use) {
  const name = contender.replace(" again", "");
  const file = "./datachannel/peer.mjs";
  const programs = [
    { file, args: [name, "sender"] },
    { file, args: [name, "receiver"] },
    ...(path === undefined ? [] : [pathProgram]),
  ];
  return withServing(programs, ([sender, receiver, relay]) => {
    if (sender === undefined || receiver === undefined) throw new Error("a process is missing");
    const between = path === undefined || relay === undefined ? loopback : emulated(relay, path);
    return use(new Pair(sender, receiver, between));
  });
}

/** @param {ChildProcess} child @param {number} [timeoutMs] */
export async function sampleOf(child, timeoutMs = 10_000) {
  return /** @type {Sample} */ (await ask(child, "sample", {}, timeoutMs));
}
