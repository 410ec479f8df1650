// @roamhq/wrtc (libwebrtc). It has no bufferedamountlow event: a sender has to poll.
import wrtc from "@roamhq/wrtc";

/** @import { Signal } from "@conic/domain" */
/** @import { BenchChannel, CreatePeer, Flow, W3cChannel, W3cConnection } from "../types.js" */

const { RTCPeerConnection } =
  /** @type {{ RTCPeerConnection: new (configuration: object) => W3cConnection }} */ (
    /** @type {unknown} */ (wrtc)
  );
const pollMs = 1;

/** @param {W3cChannel} channel @param {Flow} flow @returns {BenchChannel} */
function adapt(channel, { highBytes, lowBytes }) {
  return {
    send(data) {
      channel.send(data);
      return channel.bufferedAmount <= highBytes;
    },
    async ready() {
      while (channel.bufferedAmount > lowBytes) {
        await new Promise((resolve) => setTimeout(resolve, pollMs));
      }
    },
    receive(handler) {
      channel.addEventListener("message", ({ data }) => {
        handler(new Uint8Array(data));
      });
    },
  };
}

/** @param {W3cChannel} channel @param {Flow} flow @returns {Promise<BenchChannel>} */
function opened(channel, flow) {
  return new Promise((resolve) => {
    if (channel.readyState === "open") resolve(adapt(channel, flow));
    else {
      channel.addEventListener("open", () => {
        resolve(adapt(channel, flow));
      });
    }
  });
}

/** @type {CreatePeer} */
export function createPeer({ flow, send }) {
  const peer = new RTCPeerConnection({ iceServers: [] });
  peer.addEventListener("icecandidate", ({ candidate }) => {
    if (candidate === null) return;
    const { candidate: line, sdpMid } = candidate;
    send({ kind: "candidate", candidate: { candidate: line, sdpMid } });
  });
  /** @type {Signal[]} */
  const early = [];
  let isDescribed = false;
  /** @param {Signal} signal */
  async function apply(signal) {
    if (signal.kind === "candidate") {
      if (isDescribed) await peer.addIceCandidate(signal.candidate);
      else early.push(signal); // it throws at candidates before the description
      return;
    }
    await peer.setRemoteDescription(signal.description);
    isDescribed = true;
    for (const candidate of early.splice(0)) void apply(candidate);
    if (signal.description.type !== "offer") return;
    const answer = await peer.createAnswer();
    send({ kind: "description", description: { type: "answer", sdp: answer.sdp } });
    await peer.setLocalDescription(answer);
  }
  return {
    async call() {
      const open = opened(peer.createDataChannel("bench"), flow);
      const offer = await peer.createOffer();
      send({ kind: "description", description: { type: "offer", sdp: offer.sdp } });
      await peer.setLocalDescription(offer);
      return open;
    },
    answer: () =>
      new Promise((resolve) => {
        peer.addEventListener("datachannel", ({ channel }) => {
          resolve(opened(channel, flow));
        });
      }),
    signal: (signal) => {
      void apply(signal);
    },
    close: async () => {
      peer.close();
    },
  };
}
