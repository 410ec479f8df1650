// Many tracks that come to this process.
import { createSinks } from "./sinks.mjs";

/** @import { PeerConnection, RemoteTrack } from "@conic/webrtc" */
/** @import { StreamSink, StreamsPlan } from "../types.js" */

export class StreamReceiver {
  #unused;
  #sinks;
  /** @type {(() => void) | undefined} */
  #complete;

  /** @param {readonly StreamSink[]} sinks */
  constructor(sinks) {
    this.#sinks = sinks;
    this.#unused = [...sinks];
  }

  /** @param {StreamsPlan} plan */
  static async create({ kind, count, measured }) {
    return new StreamReceiver(await createSinks(kind, count, measured === "receiver"));
  }

  get received() {
    return total(this.#sinks.map(({ received }) => received));
  }

  get wrong() {
    return total(this.#sinks.map(({ wrong }) => wrong));
  }

  /** Resolves when every track is there. @param {readonly PeerConnection[]} peers @returns {Promise<void>} */
  open(peers) {
    for (const peer of peers) void this.#adopt(peer);
    return new Promise((resolve) => {
      this.#complete = resolve;
    });
  }

  /** @param {PeerConnection} peer */
  async #adopt(peer) {
    for await (const track of peer.tracks()) {
      const sink = this.#unused.shift();
      if (sink !== undefined) void consume(track, sink);
      if (this.#unused.length === 0) this.#complete?.();
    }
  }
}

/** @param {RemoteTrack} track @param {StreamSink} sink */
async function consume(track, sink) {
  for await (const chunk of track) await sink.take(chunk);
}

/** @param {readonly number[]} values */
function total(values) {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
