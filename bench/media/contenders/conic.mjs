// Conic through its public API, as an application uses it.
import { setTimeout as pause } from "node:timers/promises";
import { AudioTrack, VideoTrack } from "@conic/webrtc";
import { conicConnection } from "./connection.mjs";

/** @import { CreateRtpPeer } from "../types.js" */

/** @type {CreateRtpPeer} */
export function createRtpPeer({ role, kind, packetsPerFrame, send }) {
  const { peer, signal } = conicConnection(role, send);
  const track = kind === "audio" ? new AudioTrack() : new VideoTrack();
  const duration = kind === "audio" ? 20_000 : 33_333;
  let received = 0;
  if (role === "receiver") {
    void (async () => {
      for await (const remote of peer.tracks()) {
        for await (const { data } of remote) if (data.length > 0) received += packetsPerFrame;
      }
    })();
  }
  return {
    async open() {
      if (role === "receiver") return;
      const sender = peer.addTrack(track);
      while (!sender.active) await pause(5);
    },
    signal,
    write(data, frame) {
      const type = kind === "audio" || frame === 0 ? "key" : "delta";
      track.write({ type, timestamp: frame * duration, duration, data });
    },
    received: () => received,
  };
}
