import { isConicError, type ConicError, type ErrorCode } from "@conic/domain";
import { abortListenerCount, FakeClock } from "@conic/internal-testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { dialWebSocket, type DialOptions } from "../../src/browser/index.js";
import { lastSocket, useFakeSockets } from "./fake-socket.js";

const url = "ws://localhost:3000/ws";

function thrown(options: DialOptions): ConicError {
  try {
    dialWebSocket(url, options);
  } catch (error) {
    if (isConicError(error)) return error;
    throw error;
  }
  throw new Error("it did not throw");
}

async function failure(opened: Promise<void>): Promise<ConicError> {
  const error: unknown = await opened.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (isConicError(error)) return error;
  throw new Error("it opened");
}

describe("dialing in a browser", () => {
  beforeEach(useFakeSockets);
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("opens a WebSocket of the browser, with the subprotocols", async () => {
    const clock = new FakeClock();
    const connection = dialWebSocket(url, { clock, protocols: ["conic.v1", "other"] });
    const socket = lastSocket();
    expect([socket.url, socket.protocols]).toEqual([url, ["conic.v1", "other"]]);
    expect([connection.readyState, connection.protocol]).toEqual(["connecting", ""]);
    socket.opens("conic.v1");
    await connection.opened;
    expect([connection.readyState, connection.protocol]).toEqual(["open", "conic.v1"]);
    expect([connection.remoteAddress, socket.binaryType]).toEqual(["", "arraybuffer"]);
    expect(clock.pending).toBe(0);
  });

  it.each<[option: string, options: DialOptions]>([
    ["headers", { headers: { authorization: "Bearer x" } }],
    ["ca", { ca: "-----BEGIN CERTIFICATE-----" }],
    ["limits.pingIntervalMs", { limits: { pingIntervalMs: 1_000 } }],
    ["limits.pongTimeoutMs", { limits: { pongTimeoutMs: 1_000 } }],
  ])("refuses %s, which a browser has not", (option, options) => {
    const { code, details, message } = thrown(options);
    expect([code, details["option"]]).toEqual(["unsupported", option]);
    expect(message).toContain(option);
  });

  it("takes headers that say nothing", () => {
    dialWebSocket(url, { headers: {}, clock: new FakeClock() });
    expect(lastSocket().url).toBe(url);
  });

  it.each<[what: string, options: DialOptions]>([
    ["a subprotocol that is none", { protocols: ["bad protocol"] }],
    ["a limit out of range", { limits: { maxFrameBytes: 0 } }],
    ["a timeout out of range", { connectTimeoutMs: 0 }],
  ])("refuses %s", (_what, options) => {
    expect(thrown(options).code).toBe<ErrorCode>("invalid_argument");
  });

  it("says so where there is no WebSocket", () => {
    vi.stubGlobal("WebSocket", undefined);
    expect(thrown({}).code).toBe<ErrorCode>("unsupported");
  });

  it("fails with unreachable, for browsers do not say why", async () => {
    const connection = dialWebSocket(url, { clock: new FakeClock() });
    lastSocket().fails();
    const error = await failure(connection.opened);
    expect(error).toMatchObject({ code: "unreachable", details: { reason: "other" } });
    expect(error.message).toContain("localhost:3000");
    expect(await connection.closed).toMatchObject({ code: 1006, wasClean: false, error });
  });

  it("knows that a page over https must not open ws", async () => {
    vi.stubGlobal("location", { protocol: "https:" });
    const connection = dialWebSocket(url, { clock: new FakeClock() });
    lastSocket().fails();
    expect((await failure(connection.opened)).message).toContain("wss://");
  });

  it("gives up after connectTimeoutMs", async () => {
    const clock = new FakeClock();
    const connection = dialWebSocket(url, { clock, connectTimeoutMs: 300 });
    clock.advance(299);
    expect(connection.readyState).toBe("connecting");
    clock.advance(1);
    expect((await failure(connection.opened)).code).toBe("timeout");
    expect(lastSocket().closes).toHaveLength(1);
    lastSocket().fails();
    expect((await connection.closed).error?.code).toBe("timeout");
  });

  it("gives up when the signal fires, and lets go of it when open", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const open = dialWebSocket(url, { clock: new FakeClock(), signal });
    lastSocket().opens();
    await open.opened;
    const opening = dialWebSocket(url, { clock: new FakeClock(), signal });
    expect(abortListenerCount(signal)).toBe(1);
    controller.abort();
    expect((await failure(opening.opened)).code).toBe("aborted");
    expect([open.readyState, abortListenerCount(signal)]).toEqual(["open", 0]);
  });
});
