import { once } from "node:events";
import { connect } from "node:net";
import { quickest } from "@conic/internal-testing";
import { createSignalingServer } from "@conic/server";
import { describe, expect, it } from "vitest";
import { createHttpServer } from "../src/http.js";
import { defaultHttpLimits, type HttpLimits } from "../src/limits/read.js";
import { listen, stopListening } from "../src/listen.js";

async function serve(
  limits: HttpLimits = defaultHttpLimits,
): Promise<{ port: number; close: () => Promise<void> } & AsyncDisposable> {
  const signaling = createSignalingServer();
  const http = createHttpServer({ path: "/ws", stats: () => signaling.stats(), limits });
  signaling.attach(http);
  const port = await listen([http], ["127.0.0.1"], { host: "127.0.0.1", port: 0 });
  return {
    port,
    close: () => signaling.close(),
    [Symbol.asyncDispose]: async () => {
      await signaling.close();
      await stopListening(http);
    },
  };
}

/** Sends bytes as they are; resolves to everything that came back until the server closed. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1" });
  let answer = "";
  socket.on("data", (chunk: Buffer) => {
    answer += chunk.toString("latin1");
  });
  socket.on("error", () => undefined);
  socket.write(text);
  await once(socket, "close");
  return answer;
}

const closing = "Host: h\r\nConnection: close\r\n\r\n";

describe("the HTTP side", () => {
  it.each([
    ["GET", "/healthz", 200, '{"status":"ok"}\n'],
    ["HEAD", "/healthz", 200, ""],
    ["GET", "/readyz", 200, '{"status":"ok"}\n'],
    ["GET", "/healthz?probe=1", 200, '{"status":"ok"}\n'],
    ["HEAD", "/nowhere", 404, ""],
    ["GET", "/ws", 426, '{"error":"upgrade_required"}\n'],
    ["POST", "/healthz", 405, '{"error":"method_not_allowed"}\n'],
    ["DELETE", "/stats", 405, '{"error":"method_not_allowed"}\n'],
    ["OPTIONS", "/ws", 405, '{"error":"method_not_allowed"}\n'],
  ])("%s %s: %i", async (method, path, status, body) => {
    await using server = await serve();
    const answer = await raw(server.port, `${method} ${path} HTTP/1.1\r\n${closing}`);
    const [head = "", content] = answer.split("\r\n\r\n");
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(content).toBe(body);
    expect(head.includes("Allow: GET, HEAD")).toBe(status === 405);
  });

  it("is healthy, but not ready, once the signaling server was closed", async () => {
    await using server = await serve();
    await server.close();
    const ready = await fetch(`http://127.0.0.1:${server.port}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([503, { status: "draining" }]);
    const health = await fetch(`http://127.0.0.1:${server.port}/healthz`);
    expect([health.status, await health.json()]).toEqual([200, { status: "ok" }]);
  });

  it.each([
    [8000, 200],
    [8300, 431],
  ])("a header of %i bytes: %i", async (bytes, status) => {
    await using server = await serve();
    const request = `GET /healthz HTTP/1.1\r\nX: ${"x".repeat(bytes)}\r\n${closing}`;
    expect(await raw(server.port, request)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  it.each([
    [1900, 200],
    [2100, 431],
  ])("with maxHeaderBytes of 2 048, a header of %i bytes: %i", async (bytes, status) => {
    await using server = await serve({ ...defaultHttpLimits, maxHeaderBytes: 2048 });
    const request = `GET /healthz HTTP/1.1\r\nX: ${"x".repeat(bytes)}\r\n${closing}`;
    expect(await raw(server.port, request)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  it("cuts off a request that is not complete after handshakeTimeoutMs", async () => {
    await using server = await serve({ ...defaultHttpLimits, handshakeTimeoutMs: 50 });
    const cutOff = async (): Promise<number> => {
      const from = performance.now();
      expect(await raw(server.port, "GET /healthz HTTP/1.1\r\n")).toMatch(/^HTTP\/1.1 408 /);
      return performance.now() - from;
    };
    expect(await quickest(4_500, cutOff)).toBeLessThan(4_500);
  });

  it("closes who sends half a request and then nothing", async () => {
    const { headersTimeout, requestTimeout } = createHttpServer({
      path: "/ws",
      stats: () => createSignalingServer().stats(),
    });
    expect([headersTimeout, requestTimeout]).toEqual([5_000, 5_000]);
    await using server = await serve();
    const from = performance.now();
    const halves = ["", "GET /ws HT", "GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: webso"];
    const answers = await Promise.all(halves.map((half) => raw(server.port, half)));
    // By itself, Node looks once in 30 s, for requests that have taken more than a minute.
    expect(performance.now() - from).toBeLessThan(25_000);
    expect(answers[2]).toMatch(/^HTTP\/1.1 408 /);
  });
});
