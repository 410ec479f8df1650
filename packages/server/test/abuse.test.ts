import { once } from "node:events";
import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { createSignalingServer, type SignalingServer } from "../src/index.js";
import { TestClient } from "./support/client.js";
import { openHost, type Host } from "./support/host.js";
import { failOnLeaks } from "@conic/internal-testing";

failOnLeaks();

async function withServer(
  test: (host: Host, server: SignalingServer) => Promise<void>,
): Promise<void> {
  await using host = await openHost();
  await using server = createSignalingServer();
  server.attach(host.http);
  await test(host, server);
}

async function openSocket(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url);
  await once(socket, "open");
  return socket;
}

describe("clients that misbehave over real sockets", () => {
  it("a reset connection is unregistered: its id is free, its senders are told", async () => {
    await withServer(async (host, server) => {
      await using alice = await TestClient.dial(host.url());
      await alice.register({ ID: "alice" });
      const socket = new WebSocket(host.url());
      let stream: Socket | undefined;
      socket.on("upgrade", (response) => {
        stream = response.socket;
      });
      await once(socket, "open");
      socket.on("error", () => undefined);
      socket.send(JSON.stringify({ type: "register", raw: '{"ID":"bob"}' }));
      await once(socket, "message");
      expect(server.stats().registered).toBe(2);
      stream?.resetAndDestroy();
      // The id is free as soon as the reset has arrived; until then it is taken.
      await using bob = await TestClient.dial(host.url());
      for (;;) {
        bob.send("register", { ID: "bob" });
        const answer = await bob.next();
        if (answer.type === "register_response") break;
        expect(answer).toMatchObject({ body: { Code: "id_taken" } });
      }
      await bob.connection.close();
      alice.send("candidate", { TargetID: "bob", Candidate: "" });
      expect(await alice.refusal()).toBe("target_not_found");
    });
  });

  it("a binary frame closes with 1003", async () => {
    await withServer(async (host) => {
      const socket = await openSocket(host.url());
      socket.send(Buffer.from('{"type":"register"}'));
      expect(((await once(socket, "close")) as [number])[0]).toBe(1003);
    });
  });

  it("a frame of 64 KiB is read", async () => {
    await withServer(async (host) => {
      await using alice = await TestClient.dial(host.url());
      alice.sendText("x".repeat(65_536));
      expect(await alice.refusal()).toBe("invalid_message");
    });
  });

  it("a frame of one byte more closes with 1009, unread", async () => {
    await withServer(async (host, server) => {
      const socket = await openSocket(host.url());
      socket.send("x".repeat(65_537));
      expect(((await once(socket, "close")) as [number])[0]).toBe(1009);
      expect(server.stats().framesReceived).toBe(0);
    });
  });

  it("1,000 that register at once are all answered, and all can be reached", async () => {
    await withServer(async (host, server) => {
      const total = 1000;
      const clients = await Promise.all(
        Array.from({ length: total }, async (_, i) => {
          const client = await TestClient.dial(host.url(), { connectTimeoutMs: 20_000 });
          await client.register({ ID: `c${i}` });
          return client;
        }),
      );
      expect(server.stats()).toMatchObject({ registered: total, errorsSent: {} });
      for (const [i, client] of clients.entries()) {
        client.send("candidate", { TargetID: `c${(i + 1) % total}`, Candidate: "" });
      }
      const heard = await Promise.all(clients.map((client) => client.expect("candidate")));
      expect(new Set(heard.map(({ body }) => body.ID)).size).toBe(total);
      await Promise.all(clients.map((client) => client.connection.close()));
      expect(server.stats()).toMatchObject({ registered: 0, hub: { connectedClients: 0 } });
    });
  });

  it("1,000 that ask for one id at once: one gets it, 999 are told id_taken", async () => {
    await using server = createSignalingServer();
    const clients = Array.from({ length: 1000 }, () => TestClient.inMemory(server));
    for (const client of clients) client.send("register", { ID: "alice" });
    const answers = await Promise.all(clients.map((client) => client.next()));
    const winners = answers.filter(({ type }) => type === "register_response");
    expect(winners).toHaveLength(1);
    expect(server.stats().errorsSent).toEqual({ id_taken: 999 });
  });

  it("coming and going 1,000 times leaves nothing behind", async () => {
    await using server = createSignalingServer();
    for (let i = 0; i < 1000; i += 1) {
      const client = TestClient.inMemory(server);
      await client.register({ ID: "alice" });
      await client.connection.close();
    }
    expect(server.stats()).toMatchObject({
      connections: 0,
      connectionsTotal: 1000,
      registered: 0,
      hub: { connectedClients: 0 },
    });
  });
});
