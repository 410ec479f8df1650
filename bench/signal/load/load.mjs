// What the load generator does with its clients.
import { Client } from "./client.mjs";
import { bodyOf, placeholder } from "./content.mjs";
import { Ledger } from "./ledger.mjs";
import { wires } from "../wires/wire.mjs";
import { within } from "../../rpc.mjs";

/** @import { Kind, WireName } from "../types.js" */
/** @import { Shared } from "./client.mjs" */

/** One message in so many is a session description. */
const sdpEvery = 8;
/** Handshakes under way at once. */
const opening = 64;

/** Clients of one server that send to each other in pairs, or to themselves through an echo. */
export class Load {
  /** @type {Client[]} */
  clients = [];
  /** @type {Shared} */
  shared;
  #cursor = 0;
  #inFlight = 0;
  #running = false;
  /** @type {() => void} */
  #onDrained = () => undefined;

  /** @param {{ wire: WireName, port: number, control: number }} options */
  constructor({ wire, port, control }) {
    this.control = control;
    this.shared = {
      wire: wires[wire],
      port,
      ledger: new Ledger(),
      offsets: undefined,
      onMessage: () => undefined,
      onText: undefined,
    };
  }

  /** Connects and registers more clients; resolves to how long that took, in ms. @param {number} count */
  async open(count) {
    const first = this.clients.length;
    const added = Array.from({ length: count }, (_, i) => new Client(this.shared, first + i));
    this.clients.push(...added);
    const start = performance.now();
    let next = 0;
    const openSome = async () => {
      for (let client = added[next]; client !== undefined; client = added[next]) {
        next += 1;
        await client.open();
      }
    };
    await Promise.all(Array.from({ length: Math.min(opening, count) }, openSome));
    return performance.now() - start;
  }

  /** All clients are gone without a word. */
  vanish() {
    for (const client of this.clients) client.vanish();
    this.clients = [];
  }

  /**
   * Shows that the server passes on what it is given, to whom it should, and from there on knows where numbers are.
   */
  async prove() {
    const offsets = { sdp: 0, candidate: 0 };
    for (const kind of /** @type {const} */ (["sdp", "candidate"])) {
      offsets[kind] = await this.#proveKind(kind);
    }
    for (const client of this.clients) client.prepare(this.#partnerOf(client).id);
    this.shared.offsets = offsets;
  }

  /** @param {Client} client */
  #partnerOf({ sender }) {
    const partner = this.clients[sender];
    if (partner === undefined) throw new Error("an even number of clients is needed");
    return partner;
  }

  /** @param {Kind} kind @returns {Promise<number>} where the number of a message is in what arrives */
  async #proveKind(kind) {
    const { wire } = this.shared;
    const [from] = this.clients;
    if (from === undefined) throw new Error("there are no clients");
    const to = this.#partnerOf(from);
    const body = bodyOf(kind, 5);
    /** @type {Promise<[Client, string]>} */
    const arriving = new Promise((resolve) => {
      this.shared.onText = (client, text) => {
        resolve([client, text]);
      };
    });
    from.say(wire.message(kind, from.id, to.id, body));
    const [client, text] = await within(arriving, 5000, `a message of type ${kind} did not arrive`);
    this.shared.onText = undefined;
    const read = wire.read(text);
    if (client !== to || read.from !== from.id || read.kind !== kind || read.body !== body) {
      throw new Error(`the server does not pass on what it was given: ${text}`);
    }
    return text.indexOf(placeholder);
  }

  /** The client whose turn it is, which sends the kind of message that is its turn. */
  #next() {
    const client = /** @type {Client} */ (this.clients[this.#cursor]);
    this.#cursor = this.#cursor + 1 === this.clients.length ? 0 : this.#cursor + 1;
    return client;
  }

  /** @param {Client} client */
  #send(client) {
    client.send((client.sent + client.index) % sdpEvery === 0 ? "sdp" : "candidate");
  }

  /** Keeps so many messages on the way, until `stop`. @param {number} inFlight */
  saturate(inFlight) {
    this.#running = true;
    this.#inFlight = inFlight;
    this.shared.onMessage = () => {
      if (this.#running) this.#send(this.#next());
      else {
        this.#inFlight -= 1;
        if (this.#inFlight <= 0) this.#onDrained();
      }
    };
    for (let i = 0; i < inFlight; i += 1) this.#send(this.#next());
  }

  /** Waits for what is on the way, and accounts for everything. */
  async stop() {
    /** @type {Promise<void>} */
    const drained = new Promise((resolve) => {
      this.#onDrained = resolve;
    });
    this.#running = false;
    await Promise.race([drained, new Promise((resolve) => setTimeout(resolve, 2000))]);
    // What comes twice may come a moment later.
    await new Promise((resolve) => setTimeout(resolve, 50));
    return this.account();
  }

  account() {
    return this.shared.ledger.account(this.clients);
  }

  /** Sends the next message, which was due then. @param {number} dueMs */
  sendDue(dueMs) {
    const client = this.#next();
    client.due ??= new Float64Array(64);
    client.due[client.sent & 63] = dueMs;
    this.#send(client);
  }
}
