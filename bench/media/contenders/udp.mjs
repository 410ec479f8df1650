// Bare datagrams with the same pacing: what Node and the kernel take of every contender.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { deferred } from "@conic/domain";

/** @import { CreateRtpPeer } from "../types.js" */

const rtpAndSrtpBytes = 28;

/** @type {CreateRtpPeer} */
export function createRtpPeer({ role, packetsPerFrame, send }) {
  const socket = createSocket("udp4");
  /** @type {import("@conic/domain").Deferred<number>} */
  const remote = deferred();
  let port = 0;
  let received = 0;
  socket.on("message", (data) => {
    received += Math.min(1, data.length);
  });
  socket.bind(0, "127.0.0.1");
  return {
    async open() {
      if (role === "sender") {
        port = await remote.promise;
        return;
      }
      if (socket.address().port === 0) await once(socket, "listening");
      const candidate = `candidate:1 1 udp 1 127.0.0.1 ${socket.address().port} typ host`;
      send({ kind: "candidate", candidate: { candidate, sdpMid: "0" } });
    },
    signal(signal) {
      if (signal.kind !== "candidate") return;
      remote.resolve(Number(signal.candidate.candidate.split(" ")[5]));
    },
    write(data) {
      const step = data.length / packetsPerFrame;
      for (let at = 0; at < data.length; at += step) {
        const packet = Buffer.allocUnsafe(step + rtpAndSrtpBytes);
        packet.set(data.subarray(at, at + step));
        socket.send(packet, port, "127.0.0.1");
      }
    },
    received: () => received,
  };
}
