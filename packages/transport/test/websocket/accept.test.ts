import { createServer } from "node:http";
import { ConicError, type Connection, type Logger } from "@conic/domain";
import { afterEach, describe, expect, it } from "vitest";
import { acceptWebSockets, dialWebSocket } from "../../src/index.js";
import { failOnLeaks } from "@conic/internal-testing";
import { RawClient, upgradeHeaders, upgradeRequest } from "../support/raw-client.js";
import { listen, serve, shut } from "../support/server.js";

const noop = (): void => undefined;

function refusing(error: Error): () => never {
  return () => {
    throw error;
  };
}

/** What the server answers to an upgrade request, when it is not 101. */
async function answer(port: number, request: string = upgradeRequest()): Promise<string> {
  const client = await RawClient.open(port);
  client.write(request);
  await client.ended;
  return client.text;
}

function errorLog(): { readonly logger: Logger; readonly messages: string[] } {
  const messages: string[] = [];
  const logger: Logger = {
    debug: noop,
    info: noop,
    warn: noop,
    error: (_fields, message) => messages.push(message),
    child: () => logger,
  };
  return { logger, messages };
}

describe("accepting", () => {
  const opened: Connection[] = [];
  const dial = async (url: string, protocols: readonly string[] = []): Promise<Connection> => {
    const connection = dialWebSocket(url, { protocols });
    opened.push(connection);
    await connection.opened;
    return connection;
  };
  failOnLeaks();
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((connection) => connection.close()));
  });

  it("hands out open connections with the request, the peer's address and different ids", async () => {
    await using server = await serve();
    const client = await dial(`${server.url}?token=1`);
    const connection = await server.accepted();
    expect(connection.readyState).toBe("open");
    expect(connection.remoteAddress).toBe("127.0.0.1");
    expect(client.remoteAddress).toBe("127.0.0.1");
    expect(server.requests[0]?.url).toBe("/ws?token=1");
    await dial(server.url);
    const ids = new Set([client.id, connection.id, (await server.accepted()).id]);
    expect(ids.size).toBe(3);
  });

  it("shows an IPv4 peer of a dual-stack socket as IPv4", async () => {
    const http = createServer();
    const accepted: Connection[] = [];
    const onConnection = (connection: Connection): void => {
      accepted.push(connection);
    };
    acceptWebSockets(http, { onConnection });
    await new Promise<void>((resolve) => http.listen(0, "::", resolve));
    const address = http.address();
    const port = typeof address === "object" ? address?.port : undefined;
    await dial(`ws://127.0.0.1:${String(port)}/ws`);
    expect(accepted[0]?.remoteAddress).toBe("127.0.0.1");
    await opened[0]?.close();
    await shut(http);
  });

  it("selects the subprotocol that the server likes best", async () => {
    await using server = await serve({ protocols: ["conic.v2", "conic.v1"] });
    const both = await dial(server.url, ["conic.v1", "conic.v2"]);
    expect(both.protocol).toBe("conic.v2");
    expect((await server.accepted()).protocol).toBe("conic.v2");
    expect((await dial(server.url, ["other", "conic.v1"])).protocol).toBe("conic.v1");
  });

  it("accepts a client that offers no subprotocol, or only unknown ones, without one", async () => {
    await using server = await serve({ protocols: ["conic.v1"] });
    expect((await dial(server.url)).protocol).toBe("");
    const client = await RawClient.open(server.port);
    client.write(upgradeRequest("/ws", [...upgradeHeaders, "Sec-WebSocket-Protocol: x, y"]));
    const head = await client.until((received) => received.includes("\r\n\r\n"));
    expect(head.toString()).toMatch(/^HTTP\/1.1 101 /);
    expect(head.toString()).not.toContain("Sec-WebSocket-Protocol");
    client.destroy();
    await client.ended;
  });

  it.each([
    ["unauthorized", 401],
    ["forbidden", 403],
    ["rate_limited", 429],
    ["shutting_down", 503],
    ["invalid_message", 400],
    ["internal", 500],
  ] as const)("answers %s from authorize with %i", async (code, status) => {
    const authorize = refusing(new ConicError(code, "the reason"));
    await using server = await serve({ authorize });
    const text = await answer(server.port);
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    // What is wrong inside the server is nobody else's business.
    expect(text.includes("the reason")).toBe(status !== 500);
    expect(/Retry-After: 1\r\n/.test(text)).toBe(status === 429 || status === 503);
  });

  it("tells when to come back, in whole seconds", async () => {
    const authorize = refusing(
      new ConicError("rate_limited", "slowly", { details: { retryAfterMs: 1_001 } }),
    );
    await using server = await serve({ authorize });
    expect(await answer(server.port)).toContain("Retry-After: 2\r\n");
  });

  it("does not let an error message add headers", async () => {
    const authorize = refusing(new ConicError("forbidden", "a\r\nSet-Cookie: b\r\n\r\nc"));
    await using server = await serve({ authorize });
    expect(await answer(server.port)).not.toContain("\r\nSet-Cookie");
  });

  it("answers 500 and logs when authorize breaks, and lives on", async () => {
    const { logger, messages } = errorLog();
    let broken = true;
    const authorize = (): void => {
      if (broken) throw new TypeError("secret detail");
    };
    await using server = await serve({ authorize, logger });
    const text = await answer(server.port);
    expect(text).toMatch(/^HTTP\/1.1 500 /);
    expect(text).not.toContain("secret detail");
    expect(messages).toEqual(["authorize failed"]);
    broken = false;
    await dial(server.url);
  });

  it("aborts a connection whose onConnection throws, and logs", async () => {
    const { logger, messages } = errorLog();
    const onConnection = refusing(new Error("no"));
    await using server = await serve({ onConnection, logger });
    const client = await dial(server.url);
    expect((await client.closed).wasClean).toBe(false);
    expect(await (await server.accepted()).closed).toMatchObject({
      code: 1011,
      reason: "internal",
    });
    expect(messages).toEqual(["onConnection failed"]);
    expect(server.acceptor.connectionCount).toBe(0);
  });

  it("takes maxConnections and answers 503 to one more, until one has gone", async () => {
    await using server = await serve({ maxConnections: 2 });
    const first = await dial(server.url);
    const accepted = await server.accepted();
    await dial(server.url);
    expect(server.acceptor.connectionCount).toBe(2);
    expect(await answer(server.port)).toMatch(/^HTTP\/1.1 503 [^]*Retry-After: /);
    await first.close();
    await accepted.closed;
    expect(server.acceptor.connectionCount).toBe(1);
    await dial(server.url);
  });

  it("serves several paths of one server, and answers 404 to others once", async () => {
    await using server = await serve({ path: "/a" });
    const second: Connection[] = [];
    acceptWebSockets(server.http, {
      path: "/b",
      onConnection: (connection) => second.push(connection),
    });
    await dial(server.url);
    await dial(server.url.replace("/a", "/b"));
    expect(server.acceptor.connectionCount).toBe(1);
    expect(second).toHaveLength(1);
    const text = await answer(server.port, upgradeRequest("/c"));
    expect(text.match(/HTTP\/1.1 /g)).toHaveLength(1);
    expect(text).toMatch(/^HTTP\/1.1 404 /);
    await Promise.all(opened.map((connection) => connection.close()));
  });

  it("leaves other paths to other upgrade listeners", async () => {
    await using server = await serve();
    server.http.on("upgrade", (request, socket) => {
      if (request.url === "/other") socket.end("HTTP/1.1 418 Mine\r\n\r\n");
    });
    expect(await answer(server.port, upgradeRequest("/other"))).toBe("HTTP/1.1 418 Mine\r\n\r\n");
    await dial(server.url);
  });

  it("survives another listener that takes its sockets", async () => {
    const { logger, messages } = errorLog();
    await using server = await serve({ logger });
    const rival = createServer();
    acceptWebSockets(rival, { onConnection: noop });
    const [steal] = rival.listeners("upgrade");
    server.http.prependListener("upgrade", steal as () => void);
    const client = await dial(server.url);
    expect(messages).toEqual(["an upgrade request could not be handled"]);
    client.abort(new ConicError("aborted", "the test is over"));
  });

  it("refuses a second acceptor for a path that is served, and paths that cannot be", async () => {
    await using server = await serve();
    const accept = (path: string): unknown =>
      acceptWebSockets(server.http, { path, onConnection: noop });
    expect(() => accept("/ws")).toThrow(
      expect.objectContaining({ code: "invalid_state" }) as Error,
    );
    for (const path of ["ws", "", "/ws?x=1", "/ws#x", "/w s"]) {
      expect(() => accept(path)).toThrow(/path must begin/);
    }
    expect(server.http.listenerCount("upgrade")).toBe(1);
  });

  it("refuses late clients with 503 once closed, and keeps the connections that are open", async () => {
    await using server = await serve();
    const client = await dial(server.url);
    const accepted = await server.accepted();
    await server.acceptor.close();
    await server.acceptor[Symbol.asyncDispose]();
    expect(await answer(server.port)).toMatch(/^HTTP\/1.1 503 [^]*shutting_down/);
    expect(await answer(server.port, upgradeRequest("/x"))).toMatch(/^HTTP\/1.1 404 /);
    expect([client.readyState, accepted.readyState]).toEqual(["open", "open"]);
    expect(server.acceptor.connectionCount).toBe(1);
    await accepted.close({ code: 1001 });
    expect((await client.closed).code).toBe(1001);
    expect(server.acceptor.connectionCount).toBe(0);
  });

  it("gives its path to a new acceptor once closed, and leaves no listener behind", async () => {
    const http = createServer();
    const port = await listen(http);
    for (let round = 0; round < 20; round += 1) {
      const acceptor = acceptWebSockets(http, { onConnection: noop });
      await (await dial(`ws://127.0.0.1:${port}/ws`)).close();
      await acceptor.close();
      expect(http.listenerCount("upgrade")).toBe(1);
    }
    await shut(http);
    expect(http.listenerCount("upgrade")).toBe(0);
  });

  it("leaves nothing on a server that does not listen", async () => {
    const http = createServer();
    await acceptWebSockets(http, { onConnection: noop }).close();
    expect(http.listenerCount("upgrade")).toBe(0);
  });
});
