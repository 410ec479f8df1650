// werift as it comes, with the backlog that suits it best: 64 messages.
import { RTCPeerConnection } from "werift";

/** @import { Signal } from "@conic/domain" */
/** @import { RTCDataChannel } from "werift" */
/** @import { BenchChannel, CreatePeer } from "../types.js" */

const backlogMessages = 64;

/** @param {RTCDataChannel} channel @returns {BenchChannel} */
function adapt(channel) {
  /** @type {(() => void) | undefined} */
  let wake;
  channel.bufferedAmountLow.subscribe(() => wake?.());
  return {
    send(data) {
      // werift keeps the caller's bytes until they are sent, however late that is.
      channel.send(Buffer.from(data));
      const backlogBytes = data.length * backlogMessages;
      channel.bufferedAmountLowThreshold = backlogBytes / 2;
      return channel.bufferedAmount <= backlogBytes;
    },
    ready: () =>
      new Promise((resolve) => {
        wake = resolve;
      }),
    receive(handler) {
      channel.onMessage.subscribe((data) => {
        if (typeof data !== "string") handler(data);
      });
    },
  };
}

/** @param {RTCDataChannel} channel @returns {Promise<BenchChannel>} */
function opened(channel) {
  return new Promise((resolve) => {
    if (channel.readyState === "open") resolve(adapt(channel));
    else channel.stateChanged.subscribe((state) => state === "open" && resolve(adapt(channel)));
  });
}

/** @type {CreatePeer} */
export function createPeer({ send }) {
  const peer = new RTCPeerConnection({
    // It asks a public STUN server unless it is given one, and gathers on just these addresses only like this.
    iceServers: [{ urls: "stun:127.0.0.1:9" }],
    iceStunGatherTimeout: 0.02,
    iceUseIpv4: false,
    iceUseIpv6: false,
    iceAdditionalHostAddresses: ["127.0.0.1"],
    maxMessageSize: 262_144,
  });
  peer.onIceCandidate.subscribe((candidate) => {
    if (candidate === undefined) return;
    const { candidate: line, sdpMid } = candidate.toJSON();
    send({ kind: "candidate", candidate: { candidate: line, sdpMid: sdpMid ?? "0" } });
  });
  /** @param {{ toJSON(): { type: string, sdp: string } }} description */
  function sendDescription(description) {
    const { type, sdp } = description.toJSON();
    if (type !== "offer" && type !== "answer") return;
    send({ kind: "description", description: { type, sdp } });
  }
  /** @param {Signal} signal */
  async function apply(signal) {
    if (signal.kind === "candidate") {
      const { candidate, sdpMid } = signal.candidate;
      await peer.addIceCandidate({ candidate, sdpMid: sdpMid ?? "0" });
      return;
    }
    const { type, sdp } = signal.description;
    if (type !== "offer" && type !== "answer") return;
    await peer.setRemoteDescription({ type, sdp });
    if (type !== "offer") return;
    sendDescription(await peer.setLocalDescription(await peer.createAnswer()));
  }
  return {
    async call() {
      const channel = peer.createDataChannel("bench");
      const open = opened(channel);
      sendDescription(await peer.setLocalDescription(await peer.createOffer()));
      return open;
    },
    answer: () =>
      new Promise((resolve) => {
        peer.onDataChannel.subscribe((channel) => {
          resolve(opened(channel));
        });
      }),
    signal: (signal) => {
      void apply(signal);
    },
    close: () => peer.close(),
  };
}
