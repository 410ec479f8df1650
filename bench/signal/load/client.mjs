// One connection of the load generator: WebSocket by hand, so that the client side costs the same for every server.
import { connect } from "node:net";
import { bodyOf } from "./content.mjs";
import { closeFrame, numberAt, numberedFrame, pongFrame, setNumber, textFrame } from "./frames.mjs";
import { Inbox, numbersPerSender } from "./ledger.mjs";
import { FrameReader } from "./reader.mjs";

/** @import { Socket } from "node:net" */
/** @import { Kind, Wire } from "../types.js" */
/** @import { Ledger } from "./ledger.mjs" */
/** @import { Numbered } from "./frames.mjs" */

/**
 * What all clients of a process share.
 *
 * @typedef {object} Shared
 * @property {Wire} wire
 * @property {number} port
 * @property {Ledger} ledger
 * @property {{ sdp: number, candidate: number } | undefined} offsets where receivers find the number of a message
 * @property {(client: Client, number: number) => void} onMessage
 * @property {((client: Client, text: string) => void) | undefined} onText is given what is no message, or every text
 * while there are no offsets
 */

const key = "dGhlIHNhbXBsZSBub25jZQ==";
const accepted = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
/** All sockets of a process read into this: each chunk is done with before the next one comes. */
const shared = Buffer.allocUnsafeSlow(65_536);
/** Sizes that no other frame of a server has, once clients are registered. */
const minMessageBytes = 200;
const minSdpBytes = 1000;
const ackEvery = 32;

export class Client {
  index;
  id;
  sent = 0;
  received = 0;
  /** @type {Inbox} */
  inbox;
  /** Who sends to this one. */
  sender;
  /** When messages were due, by number: of the last 64. @type {Float64Array | undefined} */
  due;
  #shared;
  #reader = new FrameReader((firstByte, data, at, length) => {
    this.#onFrame(firstByte, data, at, length);
  });
  /** @type {"handshake" | "set-up" | "ready" | "closed"} */
  #stage = "handshake";
  #head = "";
  /** @type {Socket | undefined} */
  #socket;
  /** @type {{ resolve: () => void, reject: (error: Error) => void } | undefined} */
  #opening;
  /** @type {{ sdp: Numbered, candidate: Numbered } | undefined} */
  #frames;

  /** @param {Shared} all @param {number} index */
  constructor(all, index) {
    this.#shared = all;
    this.index = index;
    this.id = `bench-${String(index).padStart(14, "0")}`;
    this.sender = all.wire.echoes ? index : index ^ 1;
    this.inbox = new Inbox(this.sender);
  }

  get isReady() {
    return this.#stage === "ready";
  }

  /** Resolves when it is registered. @returns {Promise<void>} */
  open() {
    return new Promise((resolve, reject) => {
      this.#opening = { resolve, reject };
      const socket = connect({
        port: this.#shared.port,
        host: "127.0.0.1",
        noDelay: true,
        onread: {
          buffer: shared,
          callback: (count) => {
            this.#onRead(count);
            return true;
          },
        },
      });
      this.#socket = socket;
      socket.on("error", (error) => {
        this.#end(error.message);
      });
      socket.on("close", () => {
        this.#end("closed");
      });
      const { target, headers } = this.#shared.wire.upgrade(this.id);
      const lines = [`GET ${target} HTTP/1.1`, `Host: 127.0.0.1:${this.#shared.port}`];
      lines.push("Upgrade: websocket", "Connection: Upgrade", `Sec-WebSocket-Key: ${key}`);
      socket.write([...lines, "Sec-WebSocket-Version: 13", ...headers, "", ""].join("\r\n"));
    });
  }

  /** Makes the frames that `send` sends. @param {string} to */
  prepare(to) {
    const { wire } = this.#shared;
    const frame = (/** @type {Kind} */ kind) =>
      numberedFrame(wire.message(kind, this.id, to, bodyOf(kind, this.index)));
    this.#frames = { sdp: frame("sdp"), candidate: frame("candidate") };
  }

  /** The next message to the partner. @param {Kind} kind */
  send(kind) {
    const frame = this.#frames?.[kind];
    if (frame === undefined || this.sent >= numbersPerSender) throw new Error("no number is left");
    setNumber(frame, this.index * numbersPerSender + this.sent);
    this.sent += 1;
    this.write(frame.bytes);
    // What waits in the socket must not change.
    if (this.#socket?.writableLength !== 0) frame.bytes = Buffer.from(frame.bytes);
  }

  /** @param {Uint8Array} bytes */
  write(bytes) {
    this.#socket?.write(bytes);
  }

  /** @param {string} text */
  say(text) {
    this.write(textFrame(text));
  }

  /** Gone with a goodbye. */
  leave() {
    this.#stage = "closed";
    this.#socket?.end(closeFrame(1000));
  }

  /** Gone without a word. */
  vanish() {
    this.#stage = "closed";
    this.#socket?.resetAndDestroy();
  }

  /** @param {number} count */
  #onRead(count) {
    if (this.#stage === "closed") return;
    try {
      const from = this.#stage === "handshake" ? this.#onHead(count) : 0;
      if (from < count) this.#reader.read(shared, from, count);
    } catch (error) {
      this.#end(String(error));
    }
  }

  /** Reads the answer to the upgrade request; returns where frames begin. @param {number} count */
  #onHead(count) {
    const before = this.#head.length;
    this.#head += shared.toString("latin1", 0, count);
    const end = this.#head.indexOf("\r\n\r\n");
    if (end === -1) return count;
    if (!this.#head.startsWith("HTTP/1.1 101 ") || !this.#head.includes(accepted)) {
      throw new Error(`no WebSocket: ${this.#head.slice(0, 100)}`);
    }
    this.#head = "";
    this.#stage = "set-up";
    const hello = this.#shared.wire.hello(this.id);
    if (hello !== undefined) this.say(hello);
    return end + 4 - before;
  }

  /** @param {number} firstByte @param {Uint8Array} data @param {number} at @param {number} length */
  #onFrame(firstByte, data, at, length) {
    const { offsets } = this.#shared;
    if (offsets !== undefined && length >= minMessageBytes && this.#stage === "ready") {
      const number = numberAt(data, at + (length < minSdpBytes ? offsets.candidate : offsets.sdp));
      if (number !== -1 && firstByte === 0x81 && this.inbox.take(number)) {
        this.#shared.ledger.delivered += 1;
        this.#count();
        this.#shared.onMessage(this, number);
        return;
      }
    }
    this.#onOther(firstByte, Buffer.from(data.subarray(at, at + length)));
  }

  /** @param {number} firstByte @param {Buffer} payload */
  #onOther(firstByte, payload) {
    if (firstByte === 0x89) this.write(pongFrame(payload));
    else if (firstByte !== 0x81) this.#shared.ledger.surprise(`a frame that begins ${firstByte}`);
    else if (this.#stage === "set-up") this.#setUp(payload.toString());
    else this.#onText(payload.toString());
  }

  /** @param {string} text */
  #setUp(text) {
    const { send, id } = this.#shared.wire.setUp(text, this.id);
    if (send !== undefined) this.say(send);
    if (id === undefined) return;
    this.id = id;
    this.#stage = "ready";
    this.#opening?.resolve();
    this.#opening = undefined;
  }

  /** @param {string} text */
  #onText(text) {
    const { wire, ledger, onText } = this.#shared;
    const answer = wire.answer(text);
    if (answer !== undefined) {
      if (answer !== "") this.say(answer);
      return;
    }
    this.#count();
    if (onText === undefined) ledger.surprise(text);
    else onText(this, text);
  }

  #count() {
    this.received += 1;
    const text = this.received % ackEvery === 0 && this.#shared.wire.acknowledge?.(this.received);
    if (typeof text === "string") this.say(text);
  }

  /** @param {string} why */
  #end(why) {
    if (this.#stage === "closed") return;
    this.#stage = "closed";
    this.#socket?.destroy();
    if (this.#opening === undefined) this.#shared.ledger.surprise(`a connection ended: ${why}`);
    else this.#opening.reject(new Error(`no connection: ${why}`));
  }
}
