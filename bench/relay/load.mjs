import { once } from "node:events";
import { Frame } from "@conic/domain";
import { decodeServerMessage } from "@conic/protocol";
import { WebSocket } from "ws";

const candidate =
  "candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 192.168.1.5 rport 46154 generation 0 ufrag EEtu network-cost 999";

/** @param {number} port @param {boolean} register */
async function open(port, register) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, ["conic.v1"], {
    perMessageDeflate: false,
  });
  socket.on("error", () => undefined);
  await once(socket, "open");
  if (!register) return { socket, id: "client" };
  socket.send('{"type":"register"}');
  /** @type {unknown} */
  const data = await new Promise((resolve) => {
    socket.once("message", resolve);
  });
  const { message } = decodeServerMessage(Frame.fromText(String(data)));
  if (message.type !== "register_response") throw new Error(`not registered: ${message.type}`);
  return { socket, id: message.body.ID };
}

/**
 * Connected clients that pass messages: to each other in pairs through the relay, to themselves through the echo.
 *
 * @param {number} port
 * @param {{ relay: boolean, clients: number }} options
 */
export async function connectClients(port, { relay, clients }) {
  const opened = await Promise.all(Array.from({ length: clients }, () => open(port, relay)));
  const frames = opened.map(({ id }, i) => {
    const target = opened[i ^ 1]?.id ?? id;
    const init = JSON.stringify({
      candidate,
      sdpMid: "0",
      sdpMLineIndex: 0,
      usernameFragment: "EEtu",
    });
    const raw = JSON.stringify({ ID: id, TargetID: target, Candidate: init });
    return JSON.stringify({ type: "candidate", raw });
  });
  return {
    /**
     * Keeps `window` messages of each client on the way for `ms`; resolves with how many arrived.
     * @param {number} ms @param {number} window
     */
    async saturate(ms, window) {
      let received = 0;
      let running = true;
      for (const [i, { socket }] of opened.entries()) {
        socket.removeAllListeners("message");
        socket.on("message", () => {
          received += 1;
          if (running) socket.send(frames[i] ?? "");
        });
      }
      for (const [i, { socket }] of opened.entries()) {
        for (let n = 0; n < window; n += 1) socket.send(frames[i] ?? "");
      }
      await new Promise((resolve) => setTimeout(resolve, ms));
      running = false;
      const counted = received;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return counted;
    },
    /**
     * One message at a time: the time of each from sending to arrival, in microseconds.
     * @param {number} count
     */
    async latencies(count) {
      const from = opened[0];
      const to = opened[1];
      if (from === undefined || to === undefined) throw new Error("two clients are needed");
      const arrives = frames[0]?.includes(to.id) === true && to.id !== from.id ? to : from;
      for (const { socket } of opened) socket.removeAllListeners("message");
      const times = [];
      for (let i = 0; i < count; i += 1) {
        const arrived = once(arrives.socket, "message");
        const start = performance.now();
        from.socket.send(frames[0] ?? "");
        await arrived;
        times.push((performance.now() - start) * 1000);
      }
      return times;
    },
    close() {
      for (const { socket } of opened) socket.terminate();
    },
  };
}
