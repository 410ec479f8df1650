import { connect, type AddressInfo, type Socket } from "node:net";
import { createServer } from "node:http";
import { once } from "node:events";
import { failOnLeaks } from "@conic/internal-testing";
import { dialWebSocket, type DialOptions } from "@conic/transport";
import { describe, expect, it } from "vitest";
import { createSignalingServer, type SignalingServerOptions } from "../../src/index.js";
import { TestClient } from "../support/client.js";
import { openHost } from "../support/host.js";
import { recorder } from "../support/recorder.js";

failOnLeaks();

function from(address: string): DialOptions {
  return { headers: { "X-Forwarded-For": address } };
}

/** A server that believes what its clients on this machine say of where they come from. */
async function behindProxy(options: SignalingServerOptions) {
  const host = await openHost();
  const limited: string[] = [];
  const server = createSignalingServer({
    trustedProxies: ["127.0.0.1"],
    observer: { limited: (limit) => limited.push(limit) },
    ...options,
  });
  server.attach(host.http);
  return {
    server,
    host,
    limited,
    connect: (address: string) => TestClient.dial(host.url(), from(address)),
    /** The error with which a dial is refused. */
    refused: async (address: string): Promise<unknown> => {
      const connection = dialWebSocket(host.url(), from(address));
      return connection.opened.then(
        () => "accepted",
        (error: unknown) => error,
      );
    },
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await host[Symbol.asyncDispose]();
    },
  };
}

/** The answer to an upgrade request, as text. */
async function answer(port: number, headers: string): Promise<string> {
  const socket: Socket = connect(port, "127.0.0.1");
  let text = "";
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  socket.write(
    `GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n${headers}\r\n`,
  );
  await once(socket, "close");
  return text;
}

describe("connections of one address", () => {
  it("are so many; one more is answered 429, until one has gone", async () => {
    await using world = await behindProxy({ maxAddressConnections: 2 });
    const first = await world.connect("192.0.2.1");
    await using _second = await world.connect("192.0.2.1");
    const text = await answer(world.host.port, "X-Forwarded-For: 192.0.2.1\r\n");
    expect(text).toMatch(/^HTTP\/1.1 429 [^]*\r\nRetry-After: 10\r\n/);
    await using _other = await world.connect("192.0.2.2");
    await first.connection.close();
    await using _third = await world.connect("192.0.2.1");
    expect(world.limited).toEqual(["address_connections"]);
  });

  it("count by the /64 for IPv6", async () => {
    await using world = await behindProxy({ maxAddressConnections: 1 });
    await using _one = await world.connect("2001:db8:0:1::1");
    expect(await world.refused("[2001:db8:0:1:ffff::2]:443")).toMatchObject({
      code: "rate_limited",
    });
    await using _two = await world.connect("2001:db8:0:2::1");
  });

  it("come at a rate; more are answered 429 with the time to wait", async () => {
    await using world = await behindProxy({
      maxAddressConnectionsPerSecond: 1,
      maxAddressConnectionBurst: 3,
    });
    const clients = await Promise.all([1, 2, 3].map(() => world.connect("192.0.2.1")));
    await Promise.all(clients.map(({ connection }) => connection.close()));
    const text = await answer(world.host.port, "X-Forwarded-For: 192.0.2.1\r\n");
    expect(text).toMatch(/^HTTP\/1.1 429 [^]*\r\nRetry-After: 1\r\n/);
    expect(world.limited).toEqual(["address_connection_rate"]);
  });

  it("share the messages of the address; another address is not concerned", async () => {
    await using world = await behindProxy({
      maxAddressMessagesPerSecond: 1,
      maxAddressMessageBurst: 4,
    });
    await using alice = await world.connect("192.0.2.1");
    await using bob = await world.connect("192.0.2.1");
    await using carol = await world.connect("192.0.2.3");
    for (const [i, client] of [alice, bob, carol].entries()) await client.register({ ID: `c${i}` });
    await alice.roundTrip();
    await bob.roundTrip();
    alice.send("register");
    expect(await alice.refusal()).toBe("rate_limited");
    await carol.roundTrip();
    expect(world.limited).toEqual(["address_messages"]);
  });

  it("of a proxy that is not trusted are those of the proxy, which the log says once", async () => {
    const { entries, logger } = recorder();
    await using world = await behindProxy({
      trustedProxies: [],
      unlimitedAddresses: [],
      maxAddressConnections: 1,
      logger,
    });
    await using _one = await world.connect("192.0.2.1");
    await world.refused("192.0.2.2");
    expect(await world.refused("192.0.2.2")).toMatchObject({ code: "rate_limited" });
    const hints = entries.filter(({ message }) => message.includes("trustedProxies"));
    expect(hints).toHaveLength(1);
    expect(JSON.stringify(entries.filter(({ level }) => level !== "debug"))).not.toContain(
      "192.0.2",
    );
  });

  it("are without limits for this machine, as long as nothing else is said", async () => {
    await using world = await behindProxy({ maxAddressConnections: 1, trustedProxies: [] });
    await using _one = await world.connect("192.0.2.1");
    await using _two = await world.connect("192.0.2.1");
    expect(world.limited).toEqual([]);
  });
});

describe("connections that have not registered", () => {
  it("are so many; one more is answered 503, until one has registered or gone", async () => {
    await using world = await behindProxy({ maxUnregistered: 2 });
    await using alice = await world.connect("192.0.2.1");
    await using bob = await world.connect("192.0.2.2");
    const headers = "X-Forwarded-For: 192.0.2.3\r\n";
    const text = await answer(world.host.port, headers);
    expect(text).toMatch(/^HTTP\/1.1 503 [^]*\r\nRetry-After: 1\r\n/);
    expect(world.limited).toEqual(["unregistered"]);
    await alice.register({ ID: "alice" });
    await using _carol = await world.connect("192.0.2.3");
    expect(await world.refused("192.0.2.4")).toMatchObject({ code: "unreachable" });
    await bob.connection.close();
    await using _dave = await world.connect("192.0.2.4");
    // Who gives its id back has not registered either.
    alice.send("unregister");
    await alice.expect("unregister_response");
    expect(await world.refused("192.0.2.5")).toMatchObject({ details: { status: 503 } });
  });

  it("are none once all have gone, however they went", async () => {
    await using world = await behindProxy({ maxUnregistered: 1 });
    for (let i = 0; i < 5; i += 1) {
      const client = await world.connect("192.0.2.1");
      if (i % 2 === 0) await client.register({ ID: "alice" });
      await client.connection.close();
    }
    await using client = await world.connect("192.0.2.1");
    expect((await client.register({ ID: "alice" })).ID).toBe("alice");
  });
});

describe("all connections", () => {
  it("are so many; one more is answered 503, and told to whoever counts", async () => {
    await using world = await behindProxy({ maxConnections: 1 });
    await using _one = await world.connect("192.0.2.1");
    expect(await world.refused("192.0.2.2")).toMatchObject({ details: { status: 503 } });
    expect(world.limited).toEqual(["connections"]);
  });

  it("are shown to authorize with the address that they are limited by", async () => {
    await using host = await openHost();
    await using server = createSignalingServer({ trustedProxies: ["127.0.0.1"] });
    const asked: string[] = [];
    server.attach(host.http, {
      authorize: (_request, { remoteAddress }) => asked.push(remoteAddress),
    });
    await using _client = await TestClient.dial(host.url(), from("192.0.2.9"));
    expect(asked).toEqual(["192.0.2.9"]);
  });

  it("behind two HTTP servers have limits in common", async () => {
    await using world = await behindProxy({ maxAddressConnections: 1 });
    const http = createServer();
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    world.server.attach(http);
    await using _one = await world.connect("192.0.2.1");
    const text = await answer(
      (http.address() as AddressInfo).port,
      "X-Forwarded-For: 192.0.2.1\r\n",
    );
    expect(text).toMatch(/^HTTP\/1.1 429 /);
    const closed = once(http, "close");
    http.close();
    await closed;
  });
});
