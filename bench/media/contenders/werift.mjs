// werift as it comes, with packets of its own packetizers given to its sender: the shortest way that it has.
import { MediaStreamTrack, OpusPacketizer, RTCPeerConnection, Vp8Packetizer } from "werift";

/** @import { Signal } from "@conic/domain" */
/** @import { CreateRtpPeer } from "../types.js" */

/** @type {CreateRtpPeer} */
export function createRtpPeer({ role, kind, send }) {
  const peer = new RTCPeerConnection({
    // It asks a public STUN server unless it is given one, and gathers on just these addresses only like this.
    iceServers: [{ urls: "stun:127.0.0.1:9" }],
    iceStunGatherTimeout: 0.02,
    iceUseIpv4: false,
    iceUseIpv6: false,
    iceAdditionalHostAddresses: ["127.0.0.1"],
    bundlePolicy: "max-bundle",
  });
  const packetizer = kind === "audio" ? new OpusPacketizer() : new Vp8Packetizer();
  const clockPerFrame = kind === "audio" ? 960 : 3000;
  let received = 0;
  /** @type {((packet: ReturnType<typeof packetizer.packetize>[number]) => Promise<void>) | undefined} */
  let sendRtp;
  peer.onTrack.subscribe((track) => {
    track.onReceiveRtp.subscribe(({ payload }) => {
      received += Math.min(1, payload.length);
    });
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
    async open() {
      if (role === "receiver") return;
      const { sender } = peer.addTransceiver(new MediaStreamTrack({ kind }), {
        direction: "sendonly",
      });
      sendRtp = (packet) => sender.sendRtp(packet);
      const connected = peer.connectionStateChange.watch((state) => state === "connected");
      sendDescription(await peer.setLocalDescription(await peer.createOffer()));
      await connected;
    },
    signal: (signal) => {
      void apply(signal);
    },
    write(data, frame) {
      const bytes = Buffer.from(data.buffer, data.byteOffset, data.length);
      for (const packet of packetizer.packetize(bytes, frame * clockPerFrame)) {
        void sendRtp?.(packet);
      }
    },
    received: () => received,
  };
}
