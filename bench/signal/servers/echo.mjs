// Bare ws: what comes goes back, unread.
import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { listenAnywhere } from "./listen.mjs";

/** @type {Set<import("node:net").Socket>} */
const sockets = new Set();

export function listen() {
  const http = createServer();
  const server = new WebSocketServer({
    server: http,
    path: "/ws",
    perMessageDeflate: false,
    maxPayload: 65_536,
  });
  server.on("connection", (client, { socket }) => {
    sockets.add(socket);
    client.on("error", () => undefined);
    client.on("close", () => sockets.delete(socket));
    client.on("message", (data) => {
      client.send(/** @type {Buffer} */ (data), { binary: false });
    });
  });
  return listenAnywhere(http);
}

/** One frame, made once, written to every socket: the least that a broadcast can cost with ws. @param {string} text of 126 characters or more */
export function broadcast(text) {
  const header = Buffer.from([0x81, 126, text.length >> 8, text.length & 0xff]);
  const frame = Buffer.concat([header, Buffer.from(text)]);
  for (const socket of sockets) socket.write(frame);
}
