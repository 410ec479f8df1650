// The servers that are measured, and how each is started.

/** @import { Contender, WireName } from "./types.js" */

/** What the others are compared with, and the same again, which shows how far two equals are apart. */
export const reference = "ws echo";
export const twin = "ws echo again";
export const subject = "conic";

const app = "../apps/signal/dist/main.js";
const server = "./signal/server.mjs";
/**
 * The program with every limit checked and none reached. Clients of this machine have none of the limits of one address,
 * unless the list of addresses without them is another one; here it is a network that nobody has.
 */
const conicArgs = [
  "--host=127.0.0.1",
  "--port=0",
  "--log-level=warn",
  "--max-connections=20000",
  "--max-messages-per-second=10000",
  "--max-message-burst=50000",
  "--max-bytes-per-second=16777216",
  "--max-byte-burst=33554432",
  "--unlimited-address=192.0.2.0/24",
  "--max-address-connections=1000000",
  "--max-address-connections-per-second=1000000",
  "--max-address-connection-burst=1000000",
  "--max-address-messages-per-second=1000000",
  "--max-address-message-burst=1000000",
];

/** @param {string} name @param {WireName} wire @param {readonly string[]} [more] @returns {Contender} */
function conic(name, wire, more = []) {
  return { name, wire, program: app, args: [...conicArgs, ...more] };
}

/** @type {readonly Contender[]} */
export const contenders = [
  { name: reference, wire: "echo", program: server, args: ["echo"] },
  { name: twin, wire: "echo", program: server, args: ["echo"] },
  conic(subject, "conic"),
  conic("conic (no metrics)", "conic", ["--no-metrics"]),
  conic("conic (sessions)", "conic-sessions"),
  { name: "PeerJS server", wire: "peerjs", program: server, args: ["peerjs"] },
  { name: "socket.io relay", wire: "socketio", program: server, args: ["socketio"] },
];

/** Those of a figure that were asked for. @param {(name: string) => boolean} isChosen @param {readonly string[]} [names] default: all */
export function pick(isChosen, names) {
  return contenders.filter(({ name }) => isChosen(name) && (names?.includes(name) ?? true));
}
