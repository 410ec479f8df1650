import { once } from "node:events";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { createConnection, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { Frame } from "@conic/domain";
import { watchLeaks } from "@conic/internal-testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Channels, createClusterHub, MessageWriter, openMesh } from "../../src/index.js";
import { FakeConnection } from "../fake-connection.js";
import { idAt } from "../cluster/support.js";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "conic-mesh-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

const framed = (message: Uint8Array): Uint8Array => {
  const bytes = Buffer.alloc(4 + message.byteLength);
  bytes.writeUInt32BE(message.byteLength);
  bytes.set(message, 4);
  return bytes;
};

const hello = (index: number, size = 2, greeting = "conic mesh 1"): Uint8Array =>
  framed(new MessageWriter().string(greeting).u32(index).u32(size).end());

async function connect(): Promise<Socket> {
  const socket = createConnection(path.join(directory, "0.sock"));
  await once(socket, "connect");
  return socket;
}

/** Resolves when the mesh has hung up. */
async function hungUp(bytes: Uint8Array): Promise<void> {
  const socket = await connect();
  const closed = once(socket, "close");
  socket.resume();
  socket.write(bytes);
  await closed;
}

describe("a mesh that a process talks nonsense to", () => {
  it.each([
    ["what is no greeting", framed(new Uint8Array([1, 2, 3]))],
    ["another greeting", hello(1, 2, "conic mesh 0")],
    ["a mesh of another size", hello(1, 3)],
    ["an index that does not exist", hello(2)],
    ["the index of the mesh itself", hello(0)],
    ["a message longer than may be", Buffer.from([0x7f, 0xff, 0xff, 0xff, 0])],
    ["a greeting and then a longer one", Buffer.concat([hello(1), Buffer.from([0xff, 0, 0, 0])])],
  ])("hangs up on %s, and goes on", async (_, bytes) => {
    const checkLeaks = watchLeaks();
    const a = await openMesh({ directory, index: 0, size: 2 });
    const up: string[] = [];
    const found = new Promise<void>((resolve) => {
      a.listen({
        message: () => undefined,
        up: (node) => {
          up.push(node);
          resolve();
        },
        down: () => undefined,
      });
    });
    await hungUp(bytes);
    const b = await openMesh({ directory, index: 1, size: 2 });
    await found;
    expect(a.nodes).toEqual(b.nodes);
    await Promise.all([a.close(), b.close()]);
    await checkLeaks();
  });

  it("hangs up on a node whose hub talks nonsense, and its own clients notice nothing", async () => {
    const a = await openMesh({ directory, index: 0, size: 2 });
    const channels = new Channels(a);
    const hub = createClusterHub({ channel: channels.open(1) });
    channels.start();
    const id = idAt(0, 2);
    const connection = new FakeConnection();
    hub.register({ id, connection, registeredAt: 0 });
    await hungUp(Buffer.concat([hello(1), framed(new Uint8Array([1, 77]))]));
    await hungUp(Buffer.concat([hello(1), framed(new Uint8Array([9, 1]))]));
    await hungUp(Buffer.concat([hello(1), framed(new Uint8Array(0))]));
    expect(hub.send(id, Frame.fromText("fine"))).toEqual({ status: "sent" });
    expect(connection.received).toEqual(["fine"]);
    await a.close();
  });

  it("takes the place of what a killed process left behind", async () => {
    const socket = path.join(directory, "0.sock");
    await writeFile(socket, "");
    const a = await openMesh({ directory, index: 0, size: 1 });
    expect((await stat(socket)).isSocket()).toBe(true);
    await a.close();
  });

  it("says where it cannot be opened", async () => {
    const missing = path.join(directory, "missing");
    await expect(openMesh({ directory: missing, index: 0, size: 1 })).rejects.toMatchObject({
      code: expect.stringMatching(/ENOENT|EACCES/) as string,
    });
    await expect(openMesh({ directory, index: 1, size: 1 })).rejects.toMatchObject({
      code: "invalid_argument",
    });
  });
});
