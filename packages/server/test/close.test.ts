import { deferred, Frame } from "@conic/domain";
import { createHub } from "@conic/hub";
import { decodeServerMessage } from "@conic/protocol";
import { memoryPair } from "@conic/transport";
import { describe, expect, it } from "vitest";
import { createSignalingServer } from "../src/index.js";
import { TestClient } from "./support/client.js";
import { openHost, worlds } from "./support/host.js";
import { failOnLeaks } from "@conic/internal-testing";

failOnLeaks();

/** Reads until the connection is closed; resolves to how many came. They must come in order, from 0. */
async function countCandidates(client: TestClient, onMessage: () => void): Promise<number> {
  let count = 0;
  for await (const frame of client.rest()) {
    const { message } = decodeServerMessage(frame);
    if (message.type !== "candidate") continue;
    onMessage();
    expect(message.body.Candidate).toBe(String(count));
    count += 1;
  }
  return count;
}

describe.each(worlds)("closing, %s", (_name, createWorld) => {
  it("tells every client with 1001, registered or not, and leaves nothing", async () => {
    await using world = await createWorld();
    await using alice = await world.connect();
    await using bob = await world.connect();
    await alice.register({ ID: "alice" });
    await world.server.close();
    for (const client of [alice, bob]) {
      expect(await client.closed).toMatchObject({ code: 1001, wasClean: true });
    }
    expect(world.server.stats()).toMatchObject({
      connections: 0,
      registered: 0,
      closing: true,
      hub: { connectedClients: 0 },
    });
  });

  it("is idempotent, also while it goes on, and is what disposing does", async () => {
    await using world = await createWorld();
    await using alice = await world.connect();
    await alice.register();
    await Promise.all([world.server.close(), world.server.close()]);
    await world.server.close();
    await world.server[Symbol.asyncDispose]();
    expect((await alice.closed).code).toBe(1001);
  });

  it("under load: what was accepted is delivered, and every client is closed with 1001", async () => {
    await using world = await createWorld();
    const clients = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const client = await world.connect();
        await client.register({ ID: `c${i}` });
        return client;
      }),
    );
    const underWay = deferred<void>();
    const listening = clients.map((client) =>
      countCandidates(client, () => {
        underWay.resolve();
      }),
    );
    const sendRound = (round: number): void => {
      for (const [i, client] of clients.entries()) {
        const TargetID = `c${(i + 1) % clients.length}`;
        if (client.connection.readyState !== "open") continue;
        client.send("candidate", { TargetID, Candidate: String(round) });
      }
    };
    for (let round = 0; round < 50; round += 1) sendRound(round);
    await underWay.promise;
    const closing = world.server.close();
    for (let round = 50; round < 100; round += 1) sendRound(round);
    await closing;
    const received = (await Promise.all(listening)).reduce((a, b) => a + b, 0);
    for (const client of clients) expect((await client.closed).code).toBe(1001);
    expect(received).toBe(world.server.stats().hub.messagesOut);
    expect(received).toBeGreaterThan(0);
  });
});

describe("S16 a server that is closing", () => {
  it("answers upgrades with 503 and cannot be attached again", async () => {
    await using host = await openHost();
    const server = createSignalingServer();
    server.attach(host.http);
    await server.close();
    await expect(TestClient.dial(host.url())).rejects.toMatchObject({ details: { status: 503 } });
    expect(() => {
      server.attach(host.http);
    }).toThrow(expect.objectContaining({ code: "invalid_state" }) as Error);
  });

  it("gives its path to a successor", async () => {
    await using host = await openHost();
    const old = createSignalingServer();
    old.attach(host.http);
    await old.close();
    await using fresh = createSignalingServer();
    fresh.attach(host.http);
    await using alice = await TestClient.dial(host.url());
    await alice.register();
    expect(fresh.stats().registered).toBe(1);
  });

  it("closes a connection that is handed to it with 1001", async () => {
    const server = createSignalingServer();
    await server.close();
    await using late = TestClient.inMemory(server);
    expect(await late.closed).toMatchObject({ code: 1001 });
    expect(server.stats().connections).toBe(0);
  });

  it("grants no id to a client that is being asked for its token", async () => {
    const server = createSignalingServer({
      authenticate: () => new Promise((resolve) => setImmediate(resolve)),
    });
    await using alice = TestClient.inMemory(server);
    alice.send("register", { ID: "alice" });
    await Promise.resolve();
    await server.close();
    await new Promise(setImmediate);
    expect(server.stats()).toMatchObject({ registered: 0, hub: { connectedClients: 0 } });
    expect((await alice.closed).code).toBe(1001);
  });

  it("leaves a hub that it was given to its owner", async () => {
    await using hub = createHub();
    const leaving = createSignalingServer({ hub });
    await using staying = createSignalingServer({ hub });
    await using alice = TestClient.inMemory(leaving);
    await using bob = TestClient.inMemory(staying);
    await alice.register({ ID: "alice" });
    await bob.register({ ID: "bob" });
    await leaving.close();
    expect((await alice.closed).code).toBe(1001);
    bob.send("candidate", { TargetID: "alice", Candidate: "" });
    expect(await bob.refusal()).toBe("target_not_found");
    await using carol = TestClient.inMemory(staying);
    await carol.register({ ID: "carol" });
  });

  it("drops who does not answer the goodbye when the signal fires", async () => {
    const server = createSignalingServer();
    // Its other end reads nothing: the close frame waits behind what was sent.
    const [near, far] = memoryPair({ limits: { maxReceiveQueueFrames: 1 } });
    server.handleConnection(far);
    for (let i = 0; i < 4; i += 1) near.send(Frame.fromText("{}"));
    await new Promise(setImmediate);
    const patience = new AbortController();
    const closing = server.close({ signal: patience.signal });
    await new Promise(setImmediate);
    expect(server.stats().connections).toBe(1);
    patience.abort();
    await expect(closing).rejects.toMatchObject({ code: "aborted" });
    await server.close();
    expect(server.stats().connections).toBe(0);
    expect((await far.closed).code).toBe(1001);
  });
});
