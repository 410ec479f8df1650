// Bare ws: what comes goes back, unread.
import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { listenAnywhere } from "./listen.mjs";

export function listen() {
  const http = createServer();
  const server = new WebSocketServer({
    server: http,
    path: "/ws",
    perMessageDeflate: false,
    maxPayload: 65_536,
  });
  server.on("connection", (socket) => {
    socket.on("error", () => undefined);
    socket.on("message", (data) => {
      socket.send(/** @type {Buffer} */ (data), { binary: false });
    });
  });
  return listenAnywhere(http);
}
