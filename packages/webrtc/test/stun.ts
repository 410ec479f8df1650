import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

export interface StunServer extends AsyncDisposable {
  readonly socket: Socket;
  readonly url: string;
  readonly requests: number;
}

const magicCookie = 0x2112a442;
const bindingRequest = 0x0001;
const bindingSuccess = 0x0101;
const xorMappedAddress = 0x0020;

/** The address that the server claims to see, whoever asks: one of TEST-NET-3. */
export const mappedAddress = { address: "203.0.113.7", port: 40_000 };

function response(request: Buffer): Buffer {
  const answer = Buffer.alloc(32);
  answer.writeUInt16BE(bindingSuccess, 0);
  answer.writeUInt16BE(12, 2);
  request.copy(answer, 4, 4, 20);
  answer.writeUInt16BE(xorMappedAddress, 20);
  answer.writeUInt16BE(8, 22);
  answer.writeUInt8(1, 25);
  answer.writeUInt16BE(mappedAddress.port ^ (magicCookie >>> 16), 26);
  const address = mappedAddress.address.split(".").map(Number);
  answer.writeUInt32BE((Buffer.from(address).readUInt32BE() ^ magicCookie) >>> 0, 28);
  return answer;
}

const allocateError = 0x0113;
const errorCode = 0x0009;

/** The answer to an allocation (RFC 8656). */
function refusal(request: Buffer, code: number): Buffer {
  const answer = Buffer.alloc(28);
  answer.writeUInt16BE(allocateError, 0);
  answer.writeUInt16BE(8, 2);
  request.copy(answer, 4, 4, 20);
  answer.writeUInt16BE(errorCode, 20);
  answer.writeUInt16BE(4, 22);
  answer.writeUInt8(Math.floor(code / 100), 26);
  answer.writeUInt8(code % 100, 27);
  return answer;
}

/** REALM and NONCE of eight characters each. */
function challenge(request: Buffer): Buffer {
  const answer = Buffer.concat([
    refusal(request, 401),
    Buffer.from([0x00, 0x14, 0, 8]),
    Buffer.from("realm-01"),
    Buffer.from([0x00, 0x15, 0, 8]),
    Buffer.from("nonce-01"),
  ]);
  answer.writeUInt16BE(answer.length - 20, 2);
  return answer;
}

/** A TURN server on loopback that takes all credentials for wrong: it asks for them again, and signs nothing. */
export async function distrustfulTurnServer(): Promise<StunServer> {
  const server = await stunServer(undefined);
  server.socket.on("message", (request: Buffer, { address, port }) => {
    server.socket.send(challenge(request), port, address);
  });
  return { ...server, url: server.url.replace("stun:", "turn:") };
}

/** A TURN server on loopback that refuses everybody, with 400 Bad Request or another code. */
export async function refusingTurnServer(code = 400): Promise<StunServer> {
  const server = await stunServer(undefined);
  server.socket.on("message", (request: Buffer, { address, port }) => {
    server.socket.send(refusal(request, code), port, address);
  });
  return { ...server, url: server.url.replace("stun:", "turn:") };
}

/** A STUN server (RFC 8489) on loopback that answers after `delayMs`, or never when that is undefined. */
export async function stunServer(delayMs: number | undefined): Promise<StunServer> {
  const socket: Socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  let requests = 0;
  const timers = new Set<NodeJS.Timeout>();
  socket.on("message", (request, { address, port }) => {
    if (request.length < 20 || request.readUInt16BE(0) !== bindingRequest) return;
    requests += 1;
    if (delayMs === undefined) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      socket.send(response(request), port, address);
    }, delayMs);
    timers.add(timer);
  });
  return {
    socket,
    url: `stun:127.0.0.1:${socket.address().port}`,
    get requests() {
      return requests;
    },
    [Symbol.asyncDispose]: async () => {
      for (const timer of timers) clearTimeout(timer);
      const closed = once(socket, "close");
      socket.close();
      await closed;
    },
  };
}

/** A STUN URL of a port that nobody listens on. */
export async function closedPort(): Promise<string> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  const closed = once(socket, "close");
  socket.close();
  await closed;
  return `stun:127.0.0.1:${port}`;
}
