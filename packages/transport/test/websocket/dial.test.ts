import { abortListenerCount, failOnLeaks, FakeClock } from "@conic/internal-testing";
import { createServer as createHttp, type RequestListener } from "node:http";
import { once } from "node:events";
import { createServer as createTcp, type AddressInfo, type Socket } from "node:net";
import { ConicError, type Connection } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { dialWebSocket, type DialOptions } from "../../src/index.js";
import { readRetryAfter } from "../../src/websocket/dial-errors.js";
import { listen, serve, shut } from "../support/server.js";

/** The error that `opened` rejects with, after checking that `closed` tells the same. */
async function failure(connection: Connection): Promise<ConicError> {
  const error: unknown = await connection.opened.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConicError);
  const info = await connection.closed;
  expect(info.error).toBe(error);
  expect(info.wasClean).toBe(false);
  expect(connection.readyState).toBe("closed");
  return error as ConicError;
}

/** A TCP server that answers each connection as told, or not at all. */
async function tcpServer(onSocket: (socket: Socket) => void) {
  const sockets: Socket[] = [];
  const server = createTcp((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    onSocket(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function failureOfHttp(handler: RequestListener): Promise<ConicError> {
  const http = createHttp(handler);
  const port = await listen(http);
  const error = await failure(dialWebSocket(`ws://127.0.0.1:${port}/ws`));
  await shut(http);
  return error;
}

describe("dialing", () => {
  failOnLeaks();

  it("is connecting at first and then open", async () => {
    await using server = await serve();
    const connection = dialWebSocket(server.url, { headers: { authorization: "Bearer x" } });
    expect(connection.readyState).toBe("connecting");
    expect([connection.protocol, connection.remoteAddress]).toEqual(["", ""]);
    await connection.opened;
    expect(connection.readyState).toBe("open");
    await server.accepted();
    expect(server.requests[0]?.headers.authorization).toBe("Bearer x");
    expect(server.requests[0]?.headers["sec-websocket-extensions"]).toBeUndefined();
    await connection.close();
  });

  it("says that nothing listens, with host and port", async () => {
    const { port } = await serve().then(async (server) => {
      await server[Symbol.asyncDispose]();
      return server;
    });
    for (const host of ["127.0.0.1", "localhost"]) {
      const error = await failure(dialWebSocket(`ws://${host}:${port}/ws`));
      expect(error).toMatchObject({ code: "unreachable", details: { reason: "refused" } });
      expect(error.message).toContain(`cannot connect to ${host}:${port}: nothing listens there`);
      expect(error.retryable).toBe(true);
    }
  });

  it("says that a name cannot be resolved", async () => {
    const error = await failure(dialWebSocket("ws://no-such-host.invalid/ws"));
    expect(error).toMatchObject({ code: "unreachable", details: { reason: "dns" } });
    expect(error.message).toContain("no-such-host.invalid:80");
  });

  it.each([
    [401, "unauthorized", false],
    [403, "forbidden", false],
    [404, "unreachable", true],
    [429, "rate_limited", true],
    [503, "unreachable", true],
    [200, "unreachable", true],
    [302, "unreachable", true],
  ])("says what the server answered: HTTP %i is %s", async (status, code, retryable) => {
    const error = await failureOfHttp((_request, response) => {
      response.writeHead(status, { location: "/elsewhere" }).end("body");
    });
    expect(error).toMatchObject({ code, retryable, details: { reason: "http_status", status } });
    expect(error.message).toContain(`HTTP ${status}`);
  });

  it.each([
    [429, "7", 7_000],
    [503, " 0 ", 0],
    [503, "Sat, 21 Nov 1981 07:28:00 GMT", 0],
    [503, "in a while", undefined],
    [503, "-5", undefined],
    [404, "7", undefined],
  ])("says when to come back: HTTP %i with Retry-After: %s", async (status, header, after) => {
    const error = await failureOfHttp((_request, response) => {
      response.writeHead(status, { "retry-after": header }).end();
    });
    expect(error.details["retryAfterMs"]).toBe(after);
  });

  it("reads a date of Retry-After from now on", () => {
    const now = Date.UTC(2026, 0, 2, 3, 4, 5);
    expect(readRetryAfter("Fri, 02 Jan 2026 03:04:35 GMT", now)).toBe(30_000);
    expect(readRetryAfter(undefined, now)).toBeUndefined();
    expect(readRetryAfter("", now)).toBeUndefined();
  });

  it("closes with 4501 when the server answers 401, so that nobody reconnects", async () => {
    const http = createHttp((_request, response) => response.writeHead(401).end());
    const port = await listen(http);
    const connection = dialWebSocket(`ws://127.0.0.1:${port}/ws`);
    expect(await connection.closed).toMatchObject({ code: 4501, wasClean: false });
    await shut(http);
  });

  it.each([
    ["an answer that is no HTTP", "SSH-2.0-OpenSSH_9\r\n", "not_websocket"],
    [
      "a wrong accept header",
      "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: no\r\n\r\n",
      "not_websocket",
    ],
    ["an end instead of an answer", "", "reset"],
  ])("tells %s", async (_name, reply, reason) => {
    await using server = await tcpServer((socket) => {
      socket.once("data", () => socket.end(reply));
    });
    const error = await failure(dialWebSocket(`ws://127.0.0.1:${server.port}/ws`));
    expect(error).toMatchObject({ code: "unreachable", details: { reason } });
  });

  it("gives up after connectTimeoutMs, not before, and leaves no timer", async () => {
    await using server = await tcpServer(() => undefined);
    const clock = new FakeClock();
    const options: DialOptions = { clock, connectTimeoutMs: 300 };
    const connection = dialWebSocket(`ws://127.0.0.1:${server.port}/ws`, options);
    clock.advance(299);
    expect(connection.readyState).toBe("connecting");
    clock.advance(1);
    const error = await failure(connection);
    expect(error.code).toBe("timeout");
    expect(error.message).toContain(`127.0.0.1:${server.port} within 300 ms`);
    expect(clock.pending).toBe(0);
  });

  it("is ended by its signal while connecting, with the signal's reason as the cause", async () => {
    await using server = await tcpServer(() => undefined);
    const controller = new AbortController();
    const connection = dialWebSocket(`ws://127.0.0.1:${server.port}/ws`, {
      signal: controller.signal,
    });
    const reason = new Error("no longer wanted");
    controller.abort(reason);
    const error = await failure(connection);
    expect(error).toMatchObject({ code: "aborted", cause: reason });
    expect(abortListenerCount(controller.signal)).toBe(0);
  });

  it("does not dial for a signal that has fired", async () => {
    let sockets = 0;
    await using server = await tcpServer(() => {
      sockets += 1;
    });
    const connection = dialWebSocket(`ws://127.0.0.1:${server.port}/ws`, {
      signal: AbortSignal.abort(),
    });
    expect(connection.readyState).toBe("closed");
    expect((await failure(connection)).code).toBe("aborted");
    expect(sockets).toBe(0);
  });

  it("has no listener on the signal and no timer of the dial once it is open", async () => {
    await using server = await serve();
    const clock = new FakeClock();
    const controller = new AbortController();
    const connection = dialWebSocket(server.url, { signal: controller.signal, clock });
    await connection.opened;
    await new Promise((resolve) => setImmediate(resolve));
    expect(abortListenerCount(controller.signal)).toBe(0);
    // One: the heartbeat.
    expect(clock.pending).toBe(1);
    controller.abort();
    expect(connection.readyState).toBe("open");
    await connection.close();
    expect(clock.pending).toBe(0);
  });

  it("never shows the credentials of the URL", async () => {
    await using server = await tcpServer((socket) => socket.destroy());
    const error = await failure(dialWebSocket(`ws://me:hidden@127.0.0.1:${server.port}/?t=hidden`));
    expect(`${error.message}${JSON.stringify(error.details)}`).not.toContain("hidden");
  });

  it.each([
    ["no URL at all", "nonsense", {}],
    ["http", "http://127.0.0.1/ws", {}],
    ["a fragment", "ws://127.0.0.1/ws#x", {}],
    ["a broken subprotocol", "ws://127.0.0.1/ws", { protocols: ["a b"] }],
    ["a subprotocol twice", "ws://127.0.0.1/ws", { protocols: ["a", "a"] }],
    ["a broken header", "ws://127.0.0.1/ws", { headers: { "x y": "1" } }],
    ["a limit of 0", "ws://127.0.0.1/ws", { limits: { maxFrameBytes: 0 } }],
    ["a timeout of 0", "ws://127.0.0.1/ws", { connectTimeoutMs: 0 }],
  ])("throws invalid_argument for %s", (_name, url, options) => {
    expect(() => dialWebSocket(url, options)).toThrow(
      expect.objectContaining({ code: "invalid_argument" }) as Error,
    );
  });
});
