// Clients that come, call each other and go, many at a time, many of them without a word.
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "./client.mjs";
import { bodyOf, placeholder } from "./content.mjs";
import { seeded } from "./open-loop.mjs";

/** @import { StormAccount } from "../types.js" */
/** @import { Load } from "./load.mjs" */

/** Messages of one end in one call: a description and seven candidates. */
const perEnd = 8;
/** Numbers of one call: those of the caller, then those of the callee. */
const perCall = 16;
const numberIn = /(?:=- |candidate:)(\d{8}) /;
/** Asks whether the other end is there. Not counted. */
const question = bodyOf("candidate", 0);
const questionAfterMs = 250;
const patienceMs = 10_000;

/** One end of one call. */
class End {
  /** @type {Set<number>} */
  taken = new Set();
  /** @type {() => void} */
  end = () => undefined;
  /** @type {Promise<void>} */
  over = new Promise((resolve) => {
    this.end = resolve;
  });

  /**
   * @param {Client} client
   * @param {Client} other
   * @param {number} call
   * @param {boolean} isCaller
   */
  constructor(client, other, call, isCaller) {
    this.client = client;
    this.other = other;
    this.isCaller = isCaller;
    this.sends = call * perCall + (isCaller ? 0 : perEnd);
    this.takes = call * perCall + (isCaller ? perEnd : 0);
  }
}

class Storm {
  #load;
  #random;
  #calls = 0;
  #isClosed = false;
  /** @type {{ client: Client, resolve: (end: End | undefined) => void } | undefined} */
  #waiting;
  /** @type {Map<Client, End>} */
  #ends = new Map();
  counts = {
    clients: 0,
    completed: 0,
    broken: 0,
    messages: 0,
    told: 0,
    lost: 0,
    duplicated: 0,
    reordered: 0,
  };

  /** @param {Load} load @param {number} seed */
  constructor(load, seed) {
    this.#load = load;
    this.#random = seeded(seed);
    load.shared.onText = (client, text) => {
      this.#onText(client, text);
    };
  }

  /** One client after the other, until the time is over. @param {number} untilMs */
  async run(untilMs) {
    while (performance.now() < untilMs) {
      const client = new Client(this.#load.shared, this.counts.clients);
      this.counts.clients += 1;
      await client.open();
      do await this.#call(client);
      while (client.isReady && performance.now() < untilMs && this.#random() < 0.5);
      if (!client.isReady) continue;
      if (this.#random() < 0.5) client.leave();
      else client.vanish();
    }
  }

  /** Whoever waits for a partner goes, and nobody waits for one any more. */
  close() {
    this.#isClosed = true;
    this.#waiting?.resolve(undefined);
    this.#waiting = undefined;
  }

  /** One call, in which a third of the callers vanishes. @param {Client} client */
  async #call(client) {
    const end = this.#isClosed ? undefined : await this.#findPartner(client);
    if (end === undefined) return;
    if (end.isCaller && this.#random() < 1 / 3) {
      this.#say(end, Math.floor(this.#random() * perEnd));
      client.vanish();
    } else {
      if (end.isCaller) this.#say(end, perEnd);
      await this.#finish(end);
    }
    this.#ends.delete(client);
  }

  /** Resolves to the client's end of a call; undefined when nobody comes. @param {Client} client @returns {Promise<End | undefined>} */
  #findPartner(client) {
    return new Promise((resolve) => {
      const waiting = this.#waiting;
      if (waiting === undefined) {
        this.#waiting = { client, resolve };
        return;
      }
      this.#waiting = undefined;
      const caller = new End(client, waiting.client, this.#calls, true);
      const callee = new End(waiting.client, client, this.#calls, false);
      this.#calls += 1;
      this.#ends.set(client, caller).set(waiting.client, callee);
      resolve(caller);
      waiting.resolve(callee);
    });
  }

  /** @param {End} end @param {number} count */
  #say({ client, other, sends }, count) {
    const { wire } = this.#load.shared;
    for (let i = 0; i < count; i += 1) {
      const kind = i === 0 ? "sdp" : "candidate";
      const number = String(sends + i).padStart(placeholder.length, "0");
      const body = bodyOf(kind, i).replace(placeholder, number);
      client.say(wire.message(kind, client.id, other.id, body));
    }
    this.counts.messages += count;
  }

  /** Until everything has come, or the other end is known to be gone. @param {End} end */
  async #finish(end) {
    const { client, other, over, taken } = end;
    const { wire, ledger } = this.#load.shared;
    const answered = over.then(() => true);
    for (let waitedMs = 0; ; waitedMs += questionAfterMs) {
      if (await Promise.race([answered, pause(questionAfterMs, false)])) break;
      if (waitedMs > patienceMs) {
        this.counts.lost += perEnd - taken.size;
        ledger.surprise(`a call did not end: ${taken.size} messages came`);
        break;
      }
      client.say(wire.message("candidate", client.id, other.id, question));
    }
    if (taken.size === perEnd) this.counts.completed += 1;
    else this.counts.broken += 1;
  }

  /** @param {Client} client @param {string} text */
  #onText(client, text) {
    const { wire } = this.#load.shared;
    const end = this.#ends.get(client);
    const missing = wire.undeliverable?.(text);
    if (missing !== undefined) this.#onUndeliverable(end, missing);
    else {
      const { body } = wire.read(text);
      if (body !== question) this.#take(end, Number(numberIn.exec(body)?.[1]));
    }
  }

  /** @param {End | undefined} end @param {string} missing */
  #onUndeliverable(end, missing) {
    this.counts.told += 1;
    // Of a call before: its other end was gone when it was asked.
    if (end?.other.id !== missing) return;
    if (end.other.isReady)
      this.#load.shared.ledger.surprise("a client that is there was not found");
    end.end();
  }

  /** @param {End | undefined} end @param {number} number */
  #take(end, number) {
    const place = end === undefined ? -1 : number - end.takes;
    if (end === undefined || place < 0 || place >= perEnd || end.taken.has(place)) {
      this.counts.duplicated += 1;
      return;
    }
    if (place !== end.taken.size) this.counts.reordered += 1;
    end.taken.add(place);
    if (end.taken.size === 1 && !end.isCaller) this.#say(end, perEnd);
    if (end.taken.size === perEnd) end.end();
  }
}

/**
 * @param {Load} load
 * @param {{ clients: number, ms: number, seed: number }} options clients at a time
 * @returns {Promise<StormAccount>}
 */
export async function storm(load, { clients, ms, seed }) {
  const all = new Storm(load, seed);
  const untilMs = performance.now() + ms;
  const runs = Array.from({ length: clients }, () => all.run(untilMs));
  await pause(ms + 50);
  all.close();
  await Promise.all(runs);
  // What comes too late, or twice, has come then.
  await pause(100);
  const { unexpected, first } = load.account();
  return { ...all.counts, unexpected, ...(first === undefined ? {} : { first }) };
}
