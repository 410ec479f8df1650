import { createHash, createHmac, randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";

/** As much of STUN and TURN as asking for one relay takes (RFC 8489, RFC 8656), apart from any client of ours. */

const magicCookie = 0x2112a442;
/** RFC 8489 section 6.2.1: the first of the pauses. Each later one is twice as long. */
const retransmitMs = 500;
const maxAttempts = 6;
/** RFC 8656 section 18.3: the address has a relay already. The kernel gives ports out again, and relays outlive sockets. */
const mismatch = 437;

const attributeTypes = {
  username: 0x0006,
  integrity: 0x0008,
  error: 0x0009,
  peerAddress: 0x0012,
  realm: 0x0014,
  nonce: 0x0015,
  relayedAddress: 0x0016,
  addressFamily: 0x0017,
  requestedTransport: 0x0019,
} as const;

interface Reply {
  readonly type: number;
  readonly attributes: ReadonlyMap<number, Buffer>;
}

function attribute(type: number, value: Uint8Array): Buffer {
  const padded = Buffer.alloc(4 + Math.ceil(value.byteLength / 4) * 4);
  padded.writeUInt16BE(type, 0);
  padded.writeUInt16BE(value.byteLength, 2);
  padded.set(value, 4);
  return padded;
}

function message(
  type: number,
  attributes: readonly Buffer[],
  integrityKey?: Buffer,
  transaction: Buffer = randomBytes(12),
): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(type, 0);
  header.writeUInt32BE(magicCookie, 4);
  const plain = Buffer.concat([header, transaction, ...attributes]);
  // RFC 8489 section 14.5: the length covers the integrity, which covers the rest.
  plain.writeUInt16BE(plain.byteLength - 20 + (integrityKey === undefined ? 0 : 24), 2);
  if (integrityKey === undefined) return plain;
  const mac = createHmac("sha1", integrityKey).update(plain).digest();
  return Buffer.concat([plain, attribute(attributeTypes.integrity, mac)]);
}

function parse(bytes: Buffer): Reply {
  const attributes = new Map<number, Buffer>();
  for (let at = 20; at + 4 <= bytes.byteLength;) {
    const length = bytes.readUInt16BE(at + 2);
    attributes.set(bytes.readUInt16BE(at), bytes.subarray(at + 4, at + 4 + length));
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return { type: bytes.readUInt16BE(0), attributes };
}

export function bindingRequest(): Buffer {
  return message(0x0001, []);
}

export interface TurnSocket extends AsyncDisposable {
  /** Asks again until there is an answer, as one must over UDP. */
  ask(request: Buffer): Promise<Reply>;
}

/** One UDP socket: a TURN server knows its clients by their address. */
export async function openTurnSocket(port: number): Promise<TurnSocket> {
  const socket = createSocket("udp4");
  // While a server is starting, the kernel answers for it.
  socket.on("error", () => undefined);
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const waiting = new Set<() => void>();
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        let timer: NodeJS.Timeout;
        const settle = (): void => {
          clearTimeout(timer);
          waiting.delete(settle);
          socket.off("message", onMessage);
        };
        waiting.add(settle);
        const onMessage = (bytes: Buffer): void => {
          if (!bytes.subarray(8, 20).equals(request.subarray(8, 20))) return;
          settle();
          resolve(parse(bytes));
        };
        const attempt = (count: number): void => {
          if (count > maxAttempts) {
            settle();
            reject(new Error("the TURN server does not answer"));
            return;
          }
          socket.send(request, port, "127.0.0.1");
          timer = setTimeout(attempt, retransmitMs * 2 ** (count - 1), count + 1);
        };
        socket.on("message", onMessage);
        attempt(1);
      }),
    [Symbol.asyncDispose]: async () => {
      for (const settle of waiting) settle();
      socket.close();
      await once(socket, "close");
    },
  };
}

function errorCode({ attributes }: Reply): number | undefined {
  const value = attributes.get(attributeTypes.error);
  return value === undefined ? undefined : (value[2] ?? 0) * 100 + (value[3] ?? 0);
}

/** Who asks, and what the server wants repeated. */
interface Credentials {
  readonly attributes: readonly Buffer[];
  readonly key: Buffer;
}

const udp = attribute(attributeTypes.requestedTransport, Buffer.from([17, 0, 0, 0]));

/**
 * A socket whose address the server does not know from an earlier one, and what it asks of it: the first request is
 * without credentials (RFC 8656 section 7.2).
 */
async function openFreshSocket(port: number): Promise<[TurnSocket, Reply]> {
  const socket = await openTurnSocket(port);
  const challenge = await socket.ask(message(0x0003, [udp]));
  if (errorCode(challenge) !== mismatch) return [socket, challenge];
  const fresh = await openFreshSocket(port);
  await socket[Symbol.asyncDispose]();
  return fresh;
}

function credentialsFor(challenge: Reply, username: string, credential: string): Credentials {
  const realm = challenge.attributes.get(attributeTypes.realm);
  const nonce = challenge.attributes.get(attributeTypes.nonce);
  if (realm === undefined || nonce === undefined) throw new Error("the server asks for nothing");
  const key = createHash("md5").update(`${username}:${realm.toString()}:${credential}`).digest();
  const attributes = [
    attribute(attributeTypes.username, Buffer.from(username)),
    attribute(attributeTypes.realm, realm),
    attribute(attributeTypes.nonce, nonce),
  ];
  return { attributes, key };
}

type Allocation = "allocated" | number | undefined;

async function allocateOn(
  socket: TurnSocket,
  { attributes, key }: Credentials,
  family: 4 | 6,
): Promise<Allocation> {
  const wanted =
    family === 4 ? [] : [attribute(attributeTypes.addressFamily, Buffer.from([2, 0, 0, 0]))];
  const reply = await socket.ask(message(0x0003, [udp, ...wanted, ...attributes], key));
  const allocated = reply.type === 0x0103 && reply.attributes.has(attributeTypes.relayedAddress);
  return allocated ? "allocated" : errorCode(reply);
}

/** Asks for a relay as that user: `allocated`, or the code of the refusal. */
export async function allocate(
  port: number,
  username: string,
  credential: string,
): Promise<Allocation> {
  const [opened, challenge] = await openFreshSocket(port);
  await using socket = opened;
  return await allocateOn(socket, credentialsFor(challenge, username, credential), 4);
}

function hextetsIn(text: string): string[] {
  return text === "" ? [] : text.split(":");
}

/** The 16 octets of an address of either family, as in `::ffff:192.0.2.1`. */
function octets(address: string): Buffer {
  const [head = "", tail] = address.replace(/\d+(?:\.\d+){3}$/, hextets).split("::");
  const [front, back] = [hextetsIn(head), hextetsIn(tail ?? "")];
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => "0");
  const groups = [...front, ...(tail === undefined ? [] : zeros), ...back];
  return Buffer.from(groups.map((group) => group.padStart(4, "0")).join(""), "hex");
}

function hextets(dotted: string): string {
  const hex = Buffer.from(dotted.split(".").map(Number)).toString("hex");
  return `${hex.slice(0, 4)}:${hex.slice(4)}`;
}

/** RFC 8489 section 14.2, which XORs the address with the cookie and the id of the request. */
function peerAddress(address: string, transaction: Buffer): Buffer {
  const isIPv4 = !address.includes(":");
  const plain = isIPv4 ? Buffer.from(address.split(".").map(Number)) : octets(address);
  const mask = Buffer.concat([Buffer.from("2112a442", "hex"), transaction]);
  const xored = plain.map((octet, at) => octet ^ (mask[at] ?? 0));
  const port = 3478 ^ 0x2112;
  const head = Buffer.from([0, isIPv4 ? 1 : 2, port >> 8, port & 0xff]);
  return attribute(attributeTypes.peerAddress, Buffer.concat([head, xored]));
}

/**
 * Allocates a relay of that family and asks to reach each of these peers over it: `permitted`, or the code of the
 * refusal.
 */
export async function permissions(
  port: number,
  username: string,
  credential: string,
  family: 4 | 6,
  peers: readonly string[],
): Promise<("permitted" | number | undefined)[]> {
  const [opened, challenge] = await openFreshSocket(port);
  await using socket = opened;
  const credentials = credentialsFor(challenge, username, credential);
  const allocated = await allocateOn(socket, credentials, family);
  if (allocated !== "allocated") throw new Error(`no relay: ${String(allocated)}`);
  const verdicts: ("permitted" | number | undefined)[] = [];
  for (const peer of peers) {
    const transaction = randomBytes(12);
    const attributes = [peerAddress(peer, transaction), ...credentials.attributes];
    const reply = await socket.ask(message(0x0008, attributes, credentials.key, transaction));
    verdicts.push(reply.type === 0x0108 ? "permitted" : errorCode(reply));
  }
  return verdicts;
}
