// The path emulator: a UDP relay between two peers, in a process of its own. Each peer knows only the relay's address.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { serve } from "../rpc.mjs";
import { Lane, slackMs } from "./lane.mjs";

/** @import { Socket } from "node:dgram" */
/** @import { PathOptions, PathStats, Role } from "./types.js" */

const socketBufferBytes = 4 * 1024 * 1024;
const host = "127.0.0.1";

/** @typedef {{ sockets: Record<Role, Socket>, lanes: Lane[], isConnected: Set<Socket> }} Link */
/** @type {Map<number, Link>} */
const links = new Map();
let isArmed = false;

async function bind() {
  const socket = createSocket("udp4");
  // A peer that has closed its port: the datagram is gone, as on any path.
  socket.on("error", () => undefined);
  socket.bind(0, host);
  await once(socket, "listening");
  socket.setRecvBufferSize(socketBufferBytes);
  socket.setSendBufferSize(socketBufferBytes);
  return socket;
}

/** One timer for all lanes, which sleeps until the next datagram is due, and 1 ms at least. @param {number} nowMs */
function arm(nowMs) {
  if (isArmed) return;
  let nextMs = Number.POSITIVE_INFINITY;
  for (const { lanes } of links.values()) {
    for (const lane of lanes) nextMs = Math.min(nextMs, lane.nextMs ?? nextMs);
  }
  if (nextMs === Number.POSITIVE_INFINITY) return;
  isArmed = true;
  setTimeout(tick, Math.max(1, Math.floor(nextMs - nowMs - slackMs)));
}

function tick() {
  const nowMs = performance.now();
  isArmed = false;
  for (const { lanes } of links.values()) {
    for (const lane of lanes) lane.release(nowMs);
  }
  arm(nowMs);
}

/** @param {PathOptions & { id: number, seed: number }} options */
async function open({ id, rttMs, loss, seed }) {
  const sockets = { sender: await bind(), receiver: await bind() };
  /** @type {Set<Socket>} */
  const isConnected = new Set();
  /** @param {Socket} from @param {Socket} to @param {number} laneSeed */
  const lane = (from, to, laneSeed) => {
    const created = new Lane({
      delayMs: rttMs / 2,
      loss,
      seed: laneSeed,
      send: (datagram) => {
        if (isConnected.has(to)) to.send(datagram);
      },
    });
    from.on("message", (datagram) => {
      const nowMs = performance.now();
      created.push(datagram, nowMs);
      created.release(nowMs);
      arm(nowMs);
    });
    return created;
  };
  const lanes = [
    lane(sockets.sender, sockets.receiver, seed * 2),
    lane(sockets.receiver, sockets.sender, seed * 2 + 1),
  ];
  links.set(id, { sockets, lanes, isConnected });
  return { sender: sockets.sender.address().port, receiver: sockets.receiver.address().port };
}

/** The port of a peer; datagrams from elsewhere do not reach the relay. @param {{ id: number, role: Role, port: number }} peer */
async function connect({ id, role, port }) {
  const link = links.get(id);
  const socket = link?.sockets[role];
  if (link === undefined || socket === undefined || link.isConnected.has(socket)) return;
  socket.connect(port, host);
  await once(socket, "connect");
  link.isConnected.add(socket);
}

/** Forgets the path and tells what it did. @param {{ id: number }} link @returns {PathStats} */
function close({ id }) {
  const { sockets, lanes, isConnected } = /** @type {Link} */ (links.get(id));
  links.delete(id);
  isConnected.clear();
  sockets.sender.close();
  sockets.receiver.close();
  const total = { forwarded: 0, lost: 0, tooLarge: 0, queueFull: 0, lateMs: 0 };
  for (const { stats } of lanes) {
    for (const key of /** @type {(keyof typeof total)[]} */ (Object.keys(total)))
      total[key] += stats[key];
  }
  const { user, system } = process.cpuUsage();
  return {
    ...total,
    lateMs: total.lateMs / Math.max(1, total.forwarded),
    cpuMs: (user + system) / 1000,
  };
}

// At the priority of the peers: a relay above theirs takes the core from the sender at each datagram, which costs a switch
// of processes that no real path costs. How late the relay was is part of the result.
serve({ open, connect, close });
