// A server to compare with, by its name: prints where it listens, as the program of Conic does. With `--control`, it
// listens for orders to broadcast too.
import { createServer } from "node:net";
import { listenAnywhere } from "./servers/listen.mjs";

/** @typedef {{ listen: () => Promise<number>, broadcast?: (text: string) => void }} Server */

/** @type {Readonly<Record<string, () => Promise<Server>>>} */
const servers = {
  conic: () => import("./servers/conic.mjs"),
  echo: () => import("./servers/echo.mjs"),
  faulty: () => import("./servers/faulty.mjs"),
  peerjs: () => import("./servers/peerjs.mjs"),
  socketio: () => import("./servers/socketio.mjs"),
};

const news = JSON.stringify({ type: "news", raw: JSON.stringify({ Text: "x".repeat(160) }) });

/** Resolves to the port at which each byte is an order. @param {Server} server */
function takeOrders({ broadcast }) {
  const control = createServer((socket) => {
    socket.setNoDelay().on("error", () => undefined);
    socket.on("data", () => broadcast?.(news));
  });
  return listenAnywhere(control);
}

const [name = "", flag] = process.argv.slice(2);
const load = servers[name];
if (load === undefined) throw new Error(`there is no server "${name}"`);
const server = await load();
const url = `ws://127.0.0.1:${await server.listen()}/`;
const control = flag === "--control" ? ` control ${await takeOrders(server)}` : "";
process.stdout.write(`${name} on ${url}${control}\n`);
