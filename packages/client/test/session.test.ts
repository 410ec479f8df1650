import { ConicError, type Connection } from "@conic/domain";
import { failOnLeaks, FakeClock, openTcpProxy, type TcpProxy } from "@conic/internal-testing";
import { decodeClientMessage, encodeMessage, type ServerMessage } from "@conic/protocol";
import { memoryPair } from "@conic/transport";
import { describe, expect, it } from "vitest";
import { connect, type ConicClient } from "../src/index.js";
import { next, untilState, World } from "./world.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The next so many relayed messages, as text. */
async function take(client: ConicClient, count: number): Promise<string[]> {
  const texts: string[] = [];
  while (texts.length < count) {
    texts.push(new TextDecoder().decode((await next(client.relayed())).data));
  }
  return texts;
}

async function lost(client: ConicClient, how: () => void): Promise<void> {
  const away = untilState(client, "reconnecting");
  how();
  await away;
}

/** Resolves when the server has read all that the client has sent, such as that it knows its secret. */
async function settled(client: ConicClient): Promise<void> {
  await client.relay(client.id, "self", bytes(""));
  await next(client.relayed());
}

/** The delay is a random part of this; a timer waits no longer. Of 100 s, it was 0.2 s one time in five hundred. */
const never = { initialMs: 2_000_000_000, maxMs: 2_000_000_000 };

function portOf(world: World): number {
  return Number(new URL(world.url).port);
}

describe("a client whose connection breaks", () => {
  failOnLeaks();

  it.each(["cut", "strand"] as const)(
    "by %s gets every message once and in order, and so do those to whom it sends",
    async (how) => {
      await using world = await World.start();
      await using proxy: TcpProxy = await openTcpProxy(portOf(world));
      const url = `ws://127.0.0.1:${proxy.port}/ws`;
      const backoff = { initialMs: 5, maxMs: 20 };
      await using alice = await connect(url, { id: "alice", backoff });
      const bob = await world.client("bob");
      const faults: ConicError[] = [];
      for (const client of [alice, bob]) client.on("fault", (error) => faults.push(error));
      const total = 60;
      const sending: Promise<void>[] = [];
      for (let i = 0; i < total; i += 1) {
        sending.push(bob.relay("alice", "n", bytes(String(i))));
        sending.push(alice.relay("bob", "n", bytes(String(i))));
        // Now and then in the middle of what is being written, now and then after it.
        if (i % 15 === 7) await lost(alice, () => proxy[how]());
        if (i % 15 === 11) await untilState(alice, "registered");
      }
      await Promise.all(sending);
      const numbers = Array.from({ length: total }, (_, i) => String(i));
      expect(await take(alice, total)).toEqual(numbers);
      expect(await take(bob, total)).toEqual(numbers);
      expect(faults.filter(({ code }) => code !== "closed")).toEqual([]);
      expect([alice.id, world.registered]).toEqual(["alice", 2]);
    },
  );

  it("keeps its id from others, and whoever asks for it waits until it is free", async () => {
    await using world = await World.start({ resumeTtlMs: 300 });
    await using proxy = await openTcpProxy(portOf(world));
    const first = await connect(`ws://127.0.0.1:${proxy.port}/ws`, { id: "alice", backoff: never });
    await settled(first);
    await lost(first, () => proxy.cut());
    const waits: string[] = [];
    const heir = await world.client("alice", { onWaiting: ({ code }) => void waits.push(code) });
    expect(heir.id).toBe("alice");
    expect(waits).toEqual(["id_taken"]);
    await first.close();
  });

  it("stops waiting for a kept id when it is told to", async () => {
    await using world = await World.start();
    await using proxy = await openTcpProxy(portOf(world));
    const first = await connect(`ws://127.0.0.1:${proxy.port}/ws`, { id: "alice", backoff: never });
    await settled(first);
    await lost(first, () => proxy.cut());
    const waiting = world.client("alice", { signal: AbortSignal.timeout(200) });
    await expect(waiting).rejects.toMatchObject({ code: "aborted" });
    await first.close();
  });
});

/** A server that this test plays: it reads what the client says and answers by hand. */
async function scripted(options: { readonly maxQueuedMessages?: number } = {}) {
  const dialed: Connection[] = [];
  const clock = new FakeClock();
  const connecting = connect("ws://scripted", {
    clock,
    ...options,
    dial: () => {
      const [near, far] = memoryPair();
      dialed.push(far);
      return near;
    },
  });
  const last = (): Connection => {
    const server = dialed.at(-1);
    if (server === undefined) throw new Error("it did not dial");
    return server;
  };
  let server = last();
  let heard = server[Symbol.asyncIterator]();
  /** The client loses its connection, and comes back with another one. */
  const drop = async (): Promise<void> => {
    const count = dialed.length;
    server.abort(new ConicError("closed", "the test cut the connection"));
    while (dialed.length === count) {
      await new Promise(setImmediate);
      clock.advance(100);
    }
    server = last();
    heard = server[Symbol.asyncIterator]();
  };
  const say = (message: ServerMessage): void => {
    server.send(encodeMessage(message));
  };
  const hear = async (): Promise<ReturnType<typeof decodeClientMessage>["message"]> => {
    const result = await heard.next();
    if (result.done === true) throw new Error("the client closed");
    return decodeClientMessage(result.value).message;
  };
  return { clock, connecting, say, hear, drop };
}

describe("a client and a server", () => {
  const ID = "alice" as ConicClient["id"];

  it("without sessions do as before: nothing is acknowledged, nothing is kept", async () => {
    const { connecting, say, hear } = await scripted({ maxQueuedMessages: 1 });
    expect(await hear()).toMatchObject({ type: "register", body: { Received: 0 } });
    const body = { ID, ICEServers: [] };
    say({ type: "register_response", id: "register", body });
    const client = await connecting;
    for (let i = 0; i < 40; i += 1) await client.relay("bob", "n", bytes(String(i)));
    for (let i = 0; i < 40; i += 1) expect((await hear()).type).toBe("data_channel");
    await client.close();
    expect((await hear()).type).toBe("unregister");
  });

  it("with sessions: it acknowledges what it received, and waits when too little is acknowledged", async () => {
    const { connecting, say, hear, clock } = await scripted({ maxQueuedMessages: 2 });
    await hear();
    const body = { ID, ICEServers: [], Resume: "s", Received: 0, Resumed: false };
    say({ type: "register_response", id: "register", body });
    const client = await connecting;
    expect(await hear()).toEqual({ type: "ack", body: { Received: 0 } });
    for (const i of [1, 2]) await client.relay("bob", "n", bytes(String(i)));
    const third = client.relay("bob", "n", bytes("3"));
    const fourth = client.relay("bob", "n", bytes("4"));
    await expect(client.relay("bob", "n", bytes("5"))).rejects.toMatchObject({
      code: "buffer_full",
    });
    say({ type: "ack", body: { Received: 2 } });
    await Promise.all([third, fourth]);
    for (let i = 0; i < 4; i += 1) expect((await hear()).type).toBe("data_channel");
    say({
      type: "data_channel",
      body: { ID: "bob" as typeof ID, TargetID: ID, Label: "n", Data: "AA==" },
    });
    await next(client.relayed());
    clock.advance(1000);
    expect(await hear()).toEqual({ type: "ack", body: { Received: 1 } });
    say({ type: "error", body: { Code: "internal", Message: "x" } });
    // What it cannot read counts too.
    say({ type: "a later extension" as "ack", body: { Received: 1 } });
    await new Promise(setImmediate);
    // It tells before it leaves, so that nothing it has read is called lost.
    await client.close();
    expect(await hear()).toEqual({ type: "ack", body: { Received: 3 } });
    expect((await hear()).type).toBe("unregister");
  });

  it("that has forgotten the session: it is told which messages may be lost, and sends what waited", async () => {
    const { connecting, say, hear, drop } = await scripted();
    await hear();
    const body = { ID, ICEServers: [], Resume: "s", Received: 0, Resumed: false };
    say({ type: "register_response", id: "register", body });
    const client = await connecting;
    await hear();
    await client.relay("bob", "n", bytes("1"));
    await client.relay("bob", "n", bytes("2"));
    say({ type: "ack", body: { Received: 1 } });
    await new Promise(setImmediate);
    const faults: ConicError[] = [];
    client.on("fault", (error) => faults.push(error));
    await drop();
    const waiting = client.relay("bob", "n", bytes("3"));
    expect(await hear()).toMatchObject({ type: "register", body: { Resume: "s", Received: 0 } });
    say({ type: "register_response", id: "register", body });
    await waiting;
    expect(faults.filter(({ code }) => code === "connection_failed")).toMatchObject([
      { details: { targetId: "bob" } },
    ]);
    expect((await hear()).type).toBe("ack");
    expect(await hear()).toMatchObject({ type: "data_channel", body: { Data: "Mw==" } });
    await client.close();
  });

  it("that has taken a part: it sends the rest again, in front of what waited", async () => {
    const { connecting, say, hear, drop } = await scripted();
    await hear();
    const body = { ID, ICEServers: [], Resume: "s", Received: 0, Resumed: false };
    say({ type: "register_response", id: "register", body });
    const client = await connecting;
    for (const text of ["1", "2", "3"]) await client.relay("bob", "n", bytes(text));
    await drop();
    const waiting = client.relay("bob", "n", bytes("4"));
    await hear();
    const again = { ...body, Received: 1, Resumed: true };
    say({ type: "register_response", id: "register", body: again });
    await waiting;
    expect((await hear()).type).toBe("ack");
    for (const Data of ["Mg==", "Mw==", "NA=="]) {
      expect(await hear()).toMatchObject({ type: "data_channel", body: { Data } });
    }
    await client.close();
  });
});
