// The relay that one writes with socket.io: by id, over WebSockets only.
import { createServer } from "node:http";
import { Server } from "socket.io";
import { listenAnywhere } from "./listen.mjs";

const http = createServer();
const server = new Server(http, { transports: ["websocket"], serveClient: false });

export function listen() {
  /** @type {Map<string, import("socket.io").Socket>} */
  const peers = new Map();
  server.on("connection", (socket) => {
    const { id } = /** @type {{ id: string }} */ (socket.handshake.auth);
    peers.set(id, socket);
    socket.on("disconnect", () => peers.delete(id));
    socket.on("message", (to, kind, content) => {
      peers.get(/** @type {string} */ (to))?.emit("message", id, kind, content);
    });
  });
  return listenAnywhere(http);
}

/** @param {string} text */
export function broadcast(text) {
  server.emit("news", text);
}
