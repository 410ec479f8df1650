import { createServer } from "node:http";
import { ConicError } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { acceptWebSockets, dialWebSocket } from "../../src/index.js";
import { failOnLeaks } from "@conic/internal-testing";
import { RawClient, upgradeHeaders, upgradeRequest } from "../support/raw-client.js";
import { listen, serve, shut } from "../support/server.js";

function without(name: string): string[] {
  return upgradeHeaders.filter((header) => !header.startsWith(`${name}:`));
}

function replaced(name: string, value: string): string[] {
  return [...without(name), `${name}: ${value}`];
}

const requests: readonly (readonly [name: string, request: string, status: number])[] = [
  ["POST", upgradeRequest().replace("GET", "POST"), 405],
  ["version 8", upgradeRequest("/ws", replaced("Sec-WebSocket-Version", "8")), 426],
  ["no version", upgradeRequest("/ws", without("Sec-WebSocket-Version")), 426],
  ["another upgrade", upgradeRequest("/ws", replaced("Upgrade", "h2c")), 426],
  ["no key", upgradeRequest("/ws", without("Sec-WebSocket-Key")), 400],
  [
    "a key of the wrong size",
    upgradeRequest("/ws", replaced("Sec-WebSocket-Key", "c2hvcnQ=")),
    400,
  ],
  [
    "broken subprotocols",
    upgradeRequest("/ws", [...upgradeHeaders, "Sec-WebSocket-Protocol: a,,b"]),
    400,
  ],
  ["another path", upgradeRequest("/other"), 404],
  ["a longer path", upgradeRequest("/ws/x"), 404],
  ["garbage instead of a header", `GET /ws HTTP/1.1\r\n\0\x01garbage\r\n\r\n`, 400],
  ["no HTTP at all", "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400],
  ["a header bomb", upgradeRequest("/ws", [...upgradeHeaders, `X: ${"y".repeat(64_000)}`]), 431],
];

describe("S8 upgrade requests that are not right", () => {
  failOnLeaks();

  it.each(requests)("%s", async (_name, request, status) => {
    await using server = await serve();
    const client = await RawClient.open(server.port);
    client.write(request);
    await client.ended;
    expect(client.text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(server.acceptor.connectionCount).toBe(0);
  });

  it("tells a client of another version which one is spoken", async () => {
    await using server = await serve();
    const client = await RawClient.open(server.port);
    client.write(upgradeRequest("/ws", replaced("Sec-WebSocket-Version", "99")));
    await client.ended;
    expect(client.text).toContain("Sec-WebSocket-Version: 13\r\n");
  });

  it("accepts 2 000 small headers or answers, but lives", async () => {
    await using server = await serve();
    const client = await RawClient.open(server.port);
    const many = Array.from({ length: 2000 }, (_, index) => `X-${index}: 1`);
    client.write(upgradeRequest("/ws", [...many, ...upgradeHeaders]));
    await client.until((received) => received.includes("HTTP/1.1 "));
    client.destroy();
    const next = dialWebSocket(server.url);
    await expect(next.opened).resolves.toBeUndefined();
    await next.close();
  });

  it("closes a half-open upgrade when the HTTP server's header timeout has passed", async () => {
    const http = createServer({ headersTimeout: 100, connectionsCheckingInterval: 20 });
    acceptWebSockets(http, { onConnection: () => undefined });
    const port = await listen(http);
    const client = await RawClient.open(port);
    client.write(upgradeRequest().slice(0, 40));
    await client.ended;
    expect(client.text).toMatch(/^HTTP\/1.1 408 /);
    await shut(http);
  });

  it("survives clients that hang up at every point of the handshake", async () => {
    await using server = await serve();
    const request = upgradeRequest();
    for (let cut = 1; cut <= request.length; cut += 7) {
      const client = await RawClient.open(server.port);
      await client.segment(Buffer.from(request.slice(0, cut)));
      if (cut % 2 === 0) client.socket.resetAndDestroy();
      else client.destroy();
      await client.ended;
    }
    const next = dialWebSocket(server.url);
    await expect(next.opened).resolves.toBeUndefined();
    await next.close();
  });

  it("survives a socket that fails while it is being refused", async () => {
    await using server = await serve({
      authorize: (request) => {
        request.socket.destroy(new Error("reset by peer"));
        throw new ConicError("forbidden", "go away");
      },
    });
    const client = await RawClient.open(server.port);
    client.write(upgradeRequest());
    await client.ended;
    expect(client.text).toBe("");
    expect(server.acceptor.connectionCount).toBe(0);
  });

  it("survives a socket that fails while it is being accepted", async () => {
    await using server = await serve({
      authorize: (request) => {
        request.socket.destroy(new Error("reset by peer"));
      },
    });
    const client = await RawClient.open(server.port);
    client.write(upgradeRequest());
    await client.ended;
    expect(server.acceptor.connectionCount).toBe(0);
  });

  it("does not hang on a refused client that never reads or ends", async () => {
    await using server = await serve();
    const client = await RawClient.open(server.port);
    client.socket.pause();
    client.write(upgradeRequest("/nowhere"));
    client.write("x".repeat(10_000));
    client.socket.resume();
    await client.ended;
    expect(server.acceptor.connectionCount).toBe(0);
  });
});
