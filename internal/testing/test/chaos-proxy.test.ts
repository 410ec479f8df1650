import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openChaosProxy, type ChaosProxy, type Fault } from "../src/chaos-proxy.js";
import { failOnLeaks } from "../src/fail-on-leaks.js";
import { seededRandom } from "../src/random.js";

failOnLeaks();

let server: Server;
let accepted: Socket[];

beforeEach(async () => {
  accepted = [];
  server = createServer((socket) => {
    accepted.push(socket);
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => socket.write(chunk));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(async () => {
  for (const socket of accepted) socket.destroy();
  server.close();
  await once(server, "close");
});

function open(faults: readonly Fault[], faultWithinMs: number): Promise<ChaosProxy> {
  const random = seededRandom(1);
  const { port } = server.address() as AddressInfo;
  return openChaosProxy(port, { random, faults, faultWithinMs, lastsMs: 20, jitterMs: 2 });
}

async function dial({ port }: ChaosProxy): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

/** `once` would throw at the error before it. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once("close", () => {
      resolve();
    });
  });
}

/** What comes back of `bytes`. */
async function echoed(socket: Socket, bytes: Buffer): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for (let at = 0; at < bytes.length; at += 100) socket.write(bytes.subarray(at, at + 100));
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= bytes.length) break;
  }
  return Buffer.concat(chunks);
}

describe("a proxy on which everything goes wrong", () => {
  it.each(["stall", "dribble"] as const)("loses and reorders nothing in a %s", async (fault) => {
    const bytes = Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 251));
    await using proxy = await open([fault], 10);
    const socket = await dial(proxy);
    for (let round = 1; round <= 3; round += 1) {
      await expect.poll(() => proxy.happened[fault]).toBeGreaterThanOrEqual(round);
      expect((await echoed(socket, bytes)).equals(bytes)).toBe(true);
    }
    socket.destroy();
  });

  it("tells both ends of a reset", async () => {
    await using proxy = await open(["reset"], 10);
    const socket = await dial(proxy);
    await closed(socket);
    await expect.poll(() => accepted[0]?.destroyed).toBe(true);
    expect(proxy.happened.reset).toBe(1);
  });

  it("leaves the far end of a half-open connection alone", async () => {
    await using proxy = await open(["half_open"], 10);
    const socket = await dial(proxy);
    await closed(socket);
    expect(accepted[0]?.destroyed).toBe(false);
    expect(accepted[0]?.readableEnded).toBe(false);
  });

  it("goes wrong no more when it is calm", async () => {
    await using proxy = await open(["reset"], 5);
    proxy.calm();
    const socket = await dial(proxy);
    const bytes = Buffer.alloc(5000, 7);
    expect((await echoed(socket, bytes)).equals(bytes)).toBe(true);
    expect(proxy.happened.reset).toBe(0);
    socket.destroy();
  });
});
