// An echo that loses one message, doubles one, lets one pass another, and says one thing that nobody asked for: the load
// generator must notice each.
import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { listenAnywhere } from "./listen.mjs";

/** @import { WebSocket } from "ws" */

/** Which messages: those before show that the server passes on what it is given. */
const faults = { lost: 50, doubled: 70, late: 90, added: 110 };
let count = 0;
/** @type {Map<WebSocket, Buffer>} */
const held = new Map();

/** @param {WebSocket} client @param {Buffer} data */
function onMessage(client, data) {
  const send = (/** @type {Buffer} */ text) => {
    client.send(text, { binary: false });
  };
  count += 1;
  if (count === faults.lost) return;
  if (count === faults.late) {
    held.set(client, data);
    return;
  }
  send(data);
  if (count === faults.doubled) send(data);
  if (count === faults.added) client.send("what is this?");
  const late = held.get(client);
  held.delete(client);
  if (late !== undefined) send(late);
}

export function listen() {
  const http = createServer();
  const server = new WebSocketServer({ server: http, path: "/ws", perMessageDeflate: false });
  server.on("connection", (client) => {
    client.on("error", () => undefined);
    client.on("message", (data) => {
      onMessage(client, /** @type {Buffer} */ (data));
    });
  });
  return listenAnywhere(http);
}
