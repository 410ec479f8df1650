import { ConicError, Frame, isConicError, type Connection } from "@conic/domain";
import { collectAll, FakeClock, turns } from "@conic/internal-testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { dialWebSocket, type StreamLimits } from "../../src/browser/index.js";
import { lastSocket, useFakeSockets, type FakeSocket } from "./fake-socket.js";

interface Opened {
  readonly connection: Connection;
  readonly socket: FakeSocket;
  readonly clock: FakeClock;
}

async function open(limits: StreamLimits = {}): Promise<Opened> {
  const clock = new FakeClock();
  const connection = dialWebSocket("ws://localhost:3000/ws", { clock, limits });
  const socket = lastSocket();
  socket.opens();
  await connection.opened;
  return { connection, socket, clock };
}

async function texts(connection: Connection): Promise<string[]> {
  return (await collectAll(connection)).map(({ text }) => text);
}

function many(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index));
}

beforeEach(useFakeSockets);
afterEach(() => {
  vi.unstubAllGlobals();
});

describe("what a page receives", () => {
  it("is read in order", async () => {
    const { connection, socket } = await open();
    socket.receives("a", "ü", "");
    socket.ends();
    expect(await texts(connection)).toEqual(["a", "ü", ""]);
    expect(await connection.closed).toEqual({ code: 1000, reason: "", wasClean: true });
  });

  it("must be text: a binary message closes, and nothing behind it is read", async () => {
    const { connection, socket } = await open();
    socket.receives("a", new ArrayBuffer(1), "b");
    // 1003 is a code that pages may not send.
    expect(socket.closes).toEqual([[4403, "unsupported_data"]]);
    socket.ends({ code: 4403 });
    expect(await texts(connection)).toEqual(["a"]);
    expect(await connection.closed).toMatchObject({ code: 1003, wasClean: false });
  });

  it.each([
    ["characters of one byte", "x".repeat(64)],
    ["characters of two bytes", "ü".repeat(32)],
  ])("has at most maxFrameBytes, in %s", async (_what, largest) => {
    const { connection, socket } = await open({ maxFrameBytes: 64 });
    socket.receives(largest);
    expect([connection.readyState, socket.closes]).toEqual(["open", []]);
    socket.receives(`${largest}x`);
    expect(socket.closes).toEqual([[4409, "too_large"]]);
    socket.ends({ code: 4409 });
    expect(await texts(connection)).toEqual([largest]);
    expect(await connection.closed).toMatchObject({ code: 1009, error: { code: "too_large" } });
  });

  it.each<[unit: string, limits: StreamLimits]>([
    ["messages", { maxReceiveQueueFrames: 2 }],
    ["bytes", { maxReceiveQueueBytes: 2 }],
  ])(
    "waits unread up to sixteen times the limit in %s, and one more ends",
    async (_unit, limits) => {
      const { connection, socket } = await open(limits);
      const fitting = many(10).concat(many(10), many(10), ["x", "y"]);
      socket.receives(...fitting);
      expect([connection.readyState, socket.closes]).toEqual(["open", []]);
      socket.receives("z");
      expect(socket.closes).toEqual([[4001, "slow_consumer"]]);
      const info = await connection.closed;
      expect(info).toMatchObject({ code: 4001, wasClean: false, error: { code: "slow_consumer" } });
      expect(await texts(connection)).toEqual(fitting);
    },
  );

  it("has room again for who reads", async () => {
    const { connection, socket } = await open({ maxReceiveQueueFrames: 2 });
    const reading = texts(connection);
    for (let round = 0; round < 10; round += 1) {
      socket.receives(...many(20));
      await turns();
    }
    socket.ends();
    expect(await reading).toHaveLength(200);
  });
});

describe("what a page sends", () => {
  it("is handed to the browser as text", async () => {
    const { connection, socket } = await open();
    connection.send(Frame.fromText("a"));
    connection.send(Frame.fromBytes(new TextEncoder().encode("ü")));
    expect([socket.sent, connection.bufferedAmount]).toEqual([["a", "ü"], 3]);
  });

  it("is looked after until it is below the low-water mark", async () => {
    const limits = { highWaterMarkBytes: 10, lowWaterMarkBytes: 4 };
    const { connection, socket, clock } = await open(limits);
    expect(connection.send(Frame.fromText("x".repeat(10)))).toBe(true);
    expect(clock.pending).toBe(0);
    expect(connection.send(Frame.fromText("x"))).toBe(false);
    const seen: string[] = [];
    const ready = connection.ready().then(() => seen.push("ready"));
    socket.bufferedAmount = 5;
    clock.advance(200);
    await Promise.resolve();
    expect([seen, clock.pending]).toEqual([[], 1]);
    socket.bufferedAmount = 4;
    clock.advance(64);
    await ready;
    expect([seen, clock.pending]).toEqual([["ready"], 0]);
  });

  it("ends the connection when the browser holds more than maxBufferedBytes", async () => {
    const { connection, socket, clock } = await open({ maxBufferedBytes: 100 });
    connection.send(Frame.fromText("x".repeat(100)));
    expect(() => connection.send(Frame.fromText("x"))).toThrow("does not read");
    expect(await connection.closed).toMatchObject({ code: 4001, error: { code: "slow_consumer" } });
    expect([socket.closes, clock.pending]).toEqual([[[4406, "aborted"]], 0]);
  });
});

describe("the end of a connection of a page", () => {
  it.each([1000, 3000, 4000, 4999])("may say %i", async (code) => {
    const { connection, socket, clock } = await open();
    const closing = connection.close({ code, reason: "done" });
    expect(socket.closes).toEqual([[code, "done"]]);
    socket.ends({ code, reason: "done" });
    await closing;
    expect(await connection.closed).toEqual({ code, reason: "done", wasClean: true });
    expect(clock.pending).toBe(0);
  });

  it.each([1001, 1008, 1011, 2999, 5000])("must not say %i: the page can go on", async (code) => {
    const { connection, socket } = await open();
    const error: unknown = await connection.close({ code }).catch((reason: unknown) => reason);
    expect(isConicError(error, "invalid_argument")).toBe(true);
    expect([connection.readyState, socket.closes]).toEqual(["open", []]);
  });

  it("does not wait longer than closeTimeoutMs for the answer", async () => {
    const { connection, socket, clock } = await open({ closeTimeoutMs: 500 });
    const closing = connection.close();
    clock.advance(499);
    expect(connection.readyState).toBe("closing");
    clock.advance(1);
    await closing;
    expect(await connection.closed).toMatchObject({ wasClean: false, error: { code: "timeout" } });
    socket.ends();
    expect((await connection.closed).wasClean).toBe(false);
  });

  it("is at once when aborted, and nothing that comes later counts", async () => {
    const { connection, socket } = await open();
    const reason = new ConicError("internal", "broken");
    connection.abort(reason);
    expect([connection.readyState, connection.bufferedAmount]).toEqual(["closed", 0]);
    expect(socket.closes).toEqual([[4406, "aborted"]]);
    socket.receives("late");
    socket.ends();
    expect(await texts(connection)).toEqual([]);
    expect(await connection.closed).toMatchObject({ wasClean: false, error: reason });
  });

  it("is not clean when the other end vanished", async () => {
    const { connection, socket } = await open();
    socket.fails();
    expect(await connection.closed).toMatchObject({ code: 1006, wasClean: false });
    expect((await connection.closed).error?.code).toBe("closed");
  });
});
