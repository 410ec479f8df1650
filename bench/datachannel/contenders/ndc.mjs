// node-datachannel (libdatachannel) through its own API: its W3C polyfill costs speed and drops options.
import { PeerConnection } from "node-datachannel";

/** @import { Signal } from "@conic/domain" */
/** @import { DataChannel } from "node-datachannel" */
/** @import { BenchChannel, CreatePeer, Flow } from "../types.js" */

/** @param {DataChannel} channel @param {Flow} flow @returns {BenchChannel} */
function adapt(channel, { highBytes, lowBytes }) {
  /** @type {(() => void) | undefined} */
  let wake;
  channel.setBufferedAmountLowThreshold(lowBytes);
  channel.onBufferedAmountLow(() => wake?.());
  return {
    send(data) {
      channel.sendMessageBinary(data);
      return channel.bufferedAmount() <= highBytes;
    },
    ready: () =>
      new Promise((resolve) => {
        wake = resolve;
      }),
    receive(handler) {
      channel.onMessage((data) => {
        if (typeof data === "string") return;
        handler(data instanceof ArrayBuffer ? new Uint8Array(data) : data);
      });
    },
  };
}

/** @param {DataChannel} channel @param {Flow} flow @returns {Promise<BenchChannel>} */
function opened(channel, flow) {
  return new Promise((resolve) => {
    if (channel.isOpen()) resolve(adapt(channel, flow));
    else {
      channel.onOpen(() => {
        resolve(adapt(channel, flow));
      });
    }
  });
}

/** @type {CreatePeer} */
export function createPeer({ role, flow, send }) {
  const peer = new PeerConnection(role, {
    iceServers: [],
    bindAddress: "127.0.0.1",
    maxMessageSize: 262_144,
  });
  peer.onLocalDescription((sdp, type) => {
    if (type === "offer" || type === "answer")
      send({ kind: "description", description: { type, sdp } });
  });
  peer.onLocalCandidate((candidate, sdpMid) => {
    send({ kind: "candidate", candidate: { candidate, sdpMid } });
  });
  let isDescribed = false;
  /** @type {Signal[]} */
  const early = [];
  /** @param {Signal} signal */
  function apply(signal) {
    if (signal.kind === "description") {
      const { type, sdp } = signal.description;
      peer.setRemoteDescription(sdp, type);
      isDescribed = true;
      for (const candidate of early.splice(0)) apply(candidate);
    } else if (isDescribed) {
      peer.addRemoteCandidate(signal.candidate.candidate, signal.candidate.sdpMid ?? "0");
    } else early.push(signal); // it throws at candidates before the description
  }
  return {
    call: () => opened(peer.createDataChannel("bench"), flow),
    answer: () =>
      new Promise((resolve) => {
        peer.onDataChannel((channel) => {
          resolve(opened(channel, flow));
        });
      }),
    signal: apply,
    close: async () => {
      peer.close();
    },
  };
}
