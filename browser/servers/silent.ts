import { createServer, type Socket } from "node:net";
import { listening, type RunningServer } from "./running.js";

/** Takes connections and never says a word. */
export function startSilent(): Promise<RunningServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  });
  return listening(server, () => {
    for (const socket of sockets) socket.destroy();
  });
}
