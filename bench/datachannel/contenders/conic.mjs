// Conic through its public API, as an application uses it.
import { AsyncQueue, parseClientId } from "@conic/domain";
import { PeerConnection } from "@conic/webrtc";

/** @import { Signal, SignalingChannel } from "@conic/domain" */
/** @import { DataChannel } from "@conic/webrtc" */
/** @import { BenchChannel, CreatePeer } from "../types.js" */

/** @param {DataChannel} channel @returns {BenchChannel} */
function adapt(channel) {
  return {
    send: (data) => channel.send(data),
    ready: () => channel.ready(),
    receive(handler) {
      void (async () => {
        for await (const message of channel) {
          if (typeof message !== "string") handler(message);
        }
      })();
    },
  };
}

/** @type {CreatePeer} */
export function createPeer({ role, flow, send }) {
  /** @type {AsyncQueue<Signal>} */
  const inbox = new AsyncQueue({ maxItems: 1000 });
  /** @type {SignalingChannel} */
  const signaling = {
    localId: parseClientId(role),
    remoteId: parseClientId(role === "sender" ? "receiver" : "sender"),
    send: async (signal) => {
      send(signal);
    },
    [Symbol.asyncIterator]: () => inbox[Symbol.asyncIterator](),
    [Symbol.asyncDispose]: async () => {
      inbox.end();
    },
  };
  const peer = new PeerConnection({
    signaling,
    hostAddresses: ["127.0.0.1"],
    channelLimits: {
      highWaterMarkBytes: flow.highBytes,
      lowWaterMarkBytes: flow.lowBytes,
      maxBufferedBytes: flow.maxBytes,
    },
  });
  return {
    async call() {
      const channel = peer.createDataChannel("bench");
      await channel.opened;
      return adapt(channel);
    },
    async answer() {
      for await (const channel of peer.dataChannels()) {
        await channel.opened;
        return adapt(channel);
      }
      throw new Error("the connection ended before it had a channel");
    },
    signal: (signal) => {
      inbox.push(signal);
    },
    close: () => peer.close(),
  };
}
