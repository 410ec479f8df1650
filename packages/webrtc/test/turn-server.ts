import { createHash, createHmac } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

const magicCookie = 0x2112a442;
const realm = "test";
const nonce = Buffer.from("nonce");
const freshNonce = Buffer.from("fresh nonce");

interface Allocation {
  readonly client: string;
  readonly socket: Socket;
  readonly permitted: Set<string>;
  readonly channels: Map<number, number>;
}

export interface TurnServer extends AsyncDisposable {
  readonly url: string;
  readonly username: string;
  readonly credential: string;
  /** Datagrams passed on, in either direction. */
  readonly relayed: number;
  readonly allocations: number;
  /** Who asked for each of them. */
  readonly users: readonly string[];
}

interface Message {
  readonly type: number;
  readonly id: Buffer;
  readonly attributes: ReadonlyMap<number, Buffer>;
}

function attribute(type: number, value: Buffer): Buffer {
  const padded = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  padded.writeUInt16BE(type, 0);
  padded.writeUInt16BE(value.length, 2);
  value.copy(padded, 4);
  return padded;
}

/** XOR-… of 127.0.0.1 and a port (RFC 8489 section 14.2). */
function xorLoopback(port: number): Buffer {
  const value = Buffer.from([0, 1, 0, 0, 0, 0, 0, 0]);
  value.writeUInt16BE(port ^ (magicCookie >>> 16), 2);
  value.writeUInt32BE((0x7f000001 ^ magicCookie) >>> 0, 4);
  return value;
}

function portOf(value: Buffer | undefined): number {
  return (value?.readUInt16BE(2) ?? 0) ^ (magicCookie >>> 16);
}

function parse(bytes: Buffer): Message {
  const attributes = new Map<number, Buffer>();
  for (let at = 20; at + 4 <= bytes.length;) {
    const length = bytes.readUInt16BE(at + 2);
    attributes.set(bytes.readUInt16BE(at), bytes.subarray(at + 4, at + 4 + length));
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return { type: bytes.readUInt16BE(0), id: bytes.subarray(8, 20), attributes };
}

function write(type: number, id: Buffer, attributes: readonly Buffer[], key?: Buffer): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(type, 0);
  header.writeUInt32BE(magicCookie, 4);
  id.copy(header, 8);
  const message = Buffer.concat([header, ...attributes]);
  if (key === undefined) {
    message.writeUInt16BE(message.length - 20, 2);
    return message;
  }
  message.writeUInt16BE(message.length - 20 + 24, 2);
  const mac = createHmac("sha1", key).update(message).digest();
  return Buffer.concat([message, attribute(0x0008, mac)]);
}

async function bound(): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return socket;
}

/**
 * A TURN server (RFC 8656) on loopback, as far as one client that behaves needs it.
 * @param forgetsNonces - takes the nonce of the allocation for stale afterwards.
 */
export async function turnServer({
  forgetsNonces = false,
}: { forgetsNonces?: boolean } = {}): Promise<TurnServer> {
  const [username, credential] = ["user", "secret"];
  const users: string[] = [];
  const socket = await bound();
  const allocations = new Map<string, Allocation>();
  let relayed = 0;

  const toClient = (allocation: Allocation, datagram: Buffer, port: number): void => {
    if (!allocation.permitted.has(String(port))) return;
    relayed += 1;
    const channel = [...allocation.channels].find(([, peer]) => peer === port)?.[0];
    const clientPort = Number(allocation.client);
    if (channel === undefined) {
      const body = [attribute(0x0012, xorLoopback(port)), attribute(0x0013, datagram)];
      socket.send(write(0x0017, Buffer.alloc(12), body), clientPort, "127.0.0.1");
      return;
    }
    const head = Buffer.alloc(4);
    head.writeUInt16BE(channel, 0);
    head.writeUInt16BE(datagram.length, 2);
    socket.send([head, datagram], clientPort, "127.0.0.1");
  };

  const allocate = async (client: string): Promise<Allocation> => {
    const allocation: Allocation = {
      client,
      socket: await bound(),
      permitted: new Set(),
      channels: new Map(),
    };
    allocation.socket.on("message", (datagram, { port }) => {
      toClient(allocation, datagram, port);
    });
    allocations.set(client, allocation);
    return allocation;
  };

  const onRequest = async (message: Message, client: string): Promise<void> => {
    const { type, id, attributes } = message;
    const answer = (to: number, body: readonly Buffer[], by?: Buffer): void => {
      socket.send(write(to, id, body, by), Number(client), "127.0.0.1");
    };
    if (!attributes.has(0x0008)) {
      const error = attribute(0x0009, Buffer.from([0, 0, 4, 1]));
      answer(type | 0x0110, [
        error,
        attribute(0x0014, Buffer.from(realm)),
        attribute(0x0015, nonce),
      ]);
      return;
    }
    // Whoever knows the password; the user tells which credentials were used.
    const user = String(attributes.get(0x0006));
    const key = createHash("md5").update(`${user}:${realm}:${credential}`).digest();
    // RFC 8656 section 5: the client is given another, and what is told so is not signed.
    if (forgetsNonces && type !== 0x0003 && !attributes.get(0x0015)?.equals(freshNonce)) {
      const error = attribute(0x0009, Buffer.from([0, 0, 4, 38]));
      answer(type | 0x0110, [
        error,
        attribute(0x0014, Buffer.from(realm)),
        attribute(0x0015, freshNonce),
      ]);
      return;
    }
    const allocation = allocations.get(client) ?? (await allocate(client));
    const peer = portOf(attributes.get(0x0012));
    if (type === 0x0003) {
      users.push(user);
      const lifetime = Buffer.alloc(4);
      lifetime.writeUInt32BE(600);
      const relayedAt = attribute(0x0016, xorLoopback(allocation.socket.address().port));
      const mapped = attribute(0x0020, xorLoopback(Number(client)));
      answer(0x0103, [relayedAt, attribute(0x000d, lifetime), mapped], key);
      return;
    }
    if (type === 0x0004) answer(0x0104, [attribute(0x000d, Buffer.alloc(4))], key);
    if (type === 0x0008 || type === 0x0009) {
      allocation.permitted.add(String(peer));
      const number = attributes.get(0x000c)?.readUInt16BE(0);
      if (number !== undefined) allocation.channels.set(number, peer);
      answer(type | 0x0100, [], key);
    }
  };

  socket.on("message", (bytes, { port }) => {
    const client = String(port);
    const allocation = allocations.get(client);
    if ((bytes[0] ?? 0) >= 0x40) {
      const peer = allocation?.channels.get(bytes.readUInt16BE(0));
      if (peer === undefined) return;
      relayed += 1;
      allocation?.socket.send(bytes.subarray(4, 4 + bytes.readUInt16BE(2)), peer, "127.0.0.1");
      return;
    }
    const message = parse(bytes);
    if (message.type === 0x0016) {
      relayed += 1;
      const peer = portOf(message.attributes.get(0x0012));
      allocation?.socket.send(message.attributes.get(0x0013) ?? "", peer, "127.0.0.1");
    } else void onRequest(message, client);
  });

  return {
    url: `turn:127.0.0.1:${socket.address().port}`,
    username,
    credential,
    get relayed() {
      return relayed;
    },
    get users() {
      return users;
    },
    get allocations() {
      return allocations.size;
    },
    [Symbol.asyncDispose]: async () => {
      const sockets = [socket, ...[...allocations.values()].map((allocation) => allocation.socket)];
      await Promise.all(
        sockets.map(async (open) => {
          const closed = once(open, "close");
          open.close();
          await closed;
        }),
      );
    },
  };
}
