// Many clients in a process of their own: what they cost is not counted as the server's, and it can be stopped.
import { once } from "node:events";
import { connect } from "node:net";
import { WebSocket } from "ws";

/** @type {Map<string, WebSocket>} */
const clients = new Map();

/** @type {(type: string, raw: object) => string} */
const message = (type, raw) => JSON.stringify({ type, raw: JSON.stringify(raw) });

/** @type {(ms: number) => Promise<void>} */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @type {(data: unknown) => { readonly TargetID?: string, readonly Candidate?: string }} */
function body(data) {
  const { raw } = /** @type {{ raw: string }} */ (JSON.parse(String(data)));
  return /** @type {{ TargetID?: string, Candidate?: string }} */ (JSON.parse(raw));
}

/** @type {(url: string, id: string) => Promise<void>} */
async function join(url, id) {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  socket.on("error", () => undefined);
  await once(socket, "open");
  socket.send(message("register", { ID: id }));
  await once(socket, "message");
  clients.set(id, socket);
}

/** @type {(prefix: string) => [id: string, socket: WebSocket][]} */
const named = (prefix) => Array.from(clients).filter(([id]) => id.startsWith(prefix));

/**
 * Sends to all of them, one after the other at a steady pace, until each is said not to be there any more.
 * @type {(attacker: WebSocket, victims: readonly string[], everyMs: number) => Promise<void>}
 */
async function evict(attacker, victims, everyMs) {
  const left = new Set(victims);
  attacker.on("message", (data) => {
    left.delete(body(data).TargetID ?? "");
  });
  const Data = "f".repeat(60_000);
  while (left.size > 0) {
    for (const TargetID of left) {
      attacker.send(message("data_channel", { TargetID, Label: "", Data }));
      await pause(everyMs);
    }
  }
}

/** @type {(ring: readonly [string, WebSocket][], index: number) => [string, WebSocket]} */
function at(ring, index) {
  const found = ring.at(index % ring.length);
  if (found === undefined) throw new Error("nobody is in the ring");
  return found;
}

/**
 * They talk in a ring until it is over; resolves to how long each message took, in ms.
 * @type {(ring: readonly [string, WebSocket][], over: () => boolean) => Promise<object>}
 */
async function talk(ring, over) {
  /** @type {number[]} */
  const took = [];
  for (const [, socket] of ring) {
    socket.on("message", (data) => took.push(performance.now() - Number(body(data).Candidate)));
  }
  let sent = 0;
  while (!over()) {
    for (let i = 0; i < 20; i += 1) {
      const [, socket] = at(ring, sent);
      const [TargetID] = at(ring, sent + 1);
      socket.send(message("candidate", { TargetID, Candidate: String(performance.now()) }));
      sent += 1;
    }
    await pause(5);
  }
  const deadline = performance.now() + 20_000;
  while (took.length < sent && performance.now() < deadline) await pause(1);
  return { sent, took };
}

const request = [
  "GET /ws HTTP/1.1",
  "Host: h",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];

/**
 * What a request to upgrade is answered; "" when the server hangs up without a word.
 * @type {(port: number) => Promise<{ readonly answer: string, readonly leave: () => void }>}
 */
function upgrade(port) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    const leave = () => void socket.destroy();
    let answer = "";
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
      if (answer.includes("\r\n\r\n")) resolve({ answer, leave });
    });
    socket.on("close", () => {
      resolve({ answer, leave });
    });
    socket.write(`${request.join("\r\n")}\r\n\r\n`);
  });
}

/**
 * `prefix0`, `prefix1`, … connect and register.
 * @type {(args: { url: string, prefix: string, count: number }) => Promise<void>}
 */
async function joinAll({ url, prefix, count }) {
  await Promise.all(Array.from({ length: count }, (_, i) => join(url, `${prefix}${i}`)));
}

/**
 * Those of `stalled` read no more and are flooded until they are gone, while those of `bystanders` talk.
 * @type {(args: { stalled: string, attackers: string, bystanders: string }) => Promise<object>}
 */
async function stall({ stalled, attackers, bystanders }) {
  const victims = named(stalled);
  for (const [, socket] of victims) socket.pause();
  const flooders = named(attackers);
  let over = false;
  const talking = talk(named(bystanders), () => over);
  const evictions = flooders.map(([, flooder], which) => {
    const mine = victims.filter((_, i) => i % flooders.length === which).map(([id]) => id);
    // A thousand frames a second by all of them: more than the server takes from one client, by far.
    return evict(flooder, mine, flooders.length);
  });
  await Promise.all(evictions);
  over = true;
  return talking;
}

/**
 * So many requests to upgrade at once; how often each status came, and how often Retry-After with it.
 * @type {(args: { port: number, count: number }) => Promise<object>}
 */
async function burst({ port, count }) {
  const answers = await Promise.all(Array.from({ length: count }, () => upgrade(port)));
  /** @type {Record<string, number>} */
  const statuses = {};
  let retry = 0;
  for (const { answer, leave } of answers) {
    const status = answer.slice(9, 12);
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (/\r\nretry-after: \d+\r\n/i.test(answer)) retry += 1;
    leave();
  }
  return { statuses, retry };
}

/** @type {Readonly<Record<string, (args: never) => Promise<unknown>>>} */
const commands = { join: joinAll, stall, burst };

process.on("message", (/** @type {{ command: string, args: never }} */ { command, args }) => {
  void commands[command]?.(args).then((result) => process.send?.({ result }));
});
