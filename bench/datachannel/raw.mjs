// Bare UDP datagrams from one process to another, as the ceiling of everything else. argv: datagram size. The receiver
// acknowledges, so that the sender keeps a window in flight instead of overrunning the receiver.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { serve } from "../rpc.mjs";

const windowDatagrams = 2048;
const datagramsPerAck = 32;
const silenceMs = 50;
const socketBufferBytes = 4 * 1024 * 1024;

const socket = createSocket("udp4");
// The other end was ended first.
socket.on("error", () => undefined);
socket.bind(0, "127.0.0.1");
await once(socket, "listening");
socket.setRecvBufferSize(socketBufferBytes);
socket.setSendBufferSize(socketBufferBytes);

let received = 0;
let receivedBytes = 0;

function receive() {
  socket.on("message", (datagram) => {
    received += 1;
    receivedBytes += datagram.length;
    if (received % datagramsPerAck === 0) socket.send(datagram.subarray(0, 8));
  });
}

/** @param {{ bytes: number }} args */
function send({ bytes }) {
  const payload = Buffer.alloc(bytes, 7);
  let sent = 0;
  let acknowledged = 0;
  let heardAt = performance.now();
  const fill = () => {
    for (; sent - acknowledged < windowDatagrams; sent += 1) {
      const datagram = Buffer.from(payload);
      datagram.writeDoubleLE(sent);
      socket.send(datagram);
    }
  };
  socket.on("message", (ack) => {
    heardAt = performance.now();
    acknowledged = Math.max(acknowledged, ack.readDoubleLE());
    fill();
  });
  setInterval(() => {
    if (performance.now() - heardAt < silenceMs) return;
    acknowledged = sent;
    fill();
  }, silenceMs);
  fill();
}

serve({
  port: () => socket.address().port,
  /** @param {{ port: number }} args */
  connect: async ({ port }) => {
    socket.connect(port, "127.0.0.1");
    await once(socket, "connect");
  },
  receive,
  send,
  sample: () => {
    const { user, system } = process.cpuUsage();
    return {
      atMs: Number(process.hrtime.bigint()) / 1e6,
      messages: received,
      bytes: receivedBytes,
      cpuMs: (user + system) / 1000,
    };
  },
});
