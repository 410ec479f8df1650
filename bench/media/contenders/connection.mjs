// A peer connection of Conic whose signals go through the parent process.
import { AsyncQueue, parseClientId } from "@conic/domain";
import { PeerConnection } from "@conic/webrtc";

/** @import { Signal, SignalingChannel } from "@conic/domain" */
/** @import { Role } from "../types.js" */

/** @param {Role} role @param {(signal: Signal) => void} send */
export function conicConnection(role, send) {
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
  const peer = new PeerConnection({ signaling, hostAddresses: ["127.0.0.1"] });
  peer.on("fault", (error) => {
    process.stderr.write(`${role}: ${error.message}\n`);
  });
  /** @param {Signal} received */
  const signal = (received) => {
    inbox.push(received);
  };
  return { peer, signal };
}
