import { ConicError, Frame, type Connection } from "@conic/domain";
import { collect, collectAll, FakeClock, turns } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { memoryPair } from "../../src/memory/memory-pair.js";

function sendBytes(connection: Connection, ...sizes: readonly number[]): boolean[] {
  return sizes.map((size) => connection.send(Frame.fromText("x".repeat(size))));
}

/** Lets frames move, which takes microtasks only. */
async function settle(): Promise<void> {
  await turns();
}

describe("memory pair", () => {
  it("is open at once, with the protocol that was asked for and different ids", () => {
    const [a, b] = memoryPair({ protocol: "conic.v1" });
    expect([a.readyState, b.readyState]).toEqual(["open", "open"]);
    expect([a.protocol, b.protocol, a.remoteAddress]).toEqual(["conic.v1", "conic.v1", ""]);
    expect(a.id).not.toBe(b.id);
    expect(memoryPair()[0].protocol).toBe("");
  });

  it("takes a frame of maxFrameBytes and refuses one byte more", async () => {
    const [a, b] = memoryPair({ limits: { maxFrameBytes: 10 } });
    sendBytes(a, 10);
    expect(() => sendBytes(a, 11)).toThrow(/at most 10 bytes/);
    expect((await collect(b, 1))[0]?.byteLength).toBe(10);
    expect(a.readyState).toBe("open");
  });

  it("counts bytes, not characters", () => {
    const [a] = memoryPair({ limits: { maxFrameBytes: 10 } });
    a.send(Frame.fromText("€€€"));
    expect(() => a.send(Frame.fromText("€€€€"))).toThrow(/at most 10 bytes/);
  });

  it("holds maxReceiveQueueFrames unread frames at the reader, the next one waits at the sender", async () => {
    const [a, b] = memoryPair({ limits: { maxReceiveQueueFrames: 4 } });
    sendBytes(a, 10, 10, 10, 10);
    await settle();
    expect(a.bufferedAmount).toBe(0);
    sendBytes(a, 10);
    await settle();
    expect(a.bufferedAmount).toBe(10);
    // It goes on when half of the queue is free, not at every frame.
    await collect(b, 1);
    await settle();
    expect(a.bufferedAmount).toBe(10);
    await collect(b, 1);
    await settle();
    expect(a.bufferedAmount).toBe(0);
    expect(await collect(b, 3)).toHaveLength(3);
  });

  it("stops at maxReceiveQueueBytes too", async () => {
    const [a, b] = memoryPair({ limits: { maxReceiveQueueBytes: 100 } });
    sendBytes(a, 99);
    sendBytes(a, 1);
    await settle();
    expect(a.bufferedAmount).toBe(0);
    sendBytes(a, 1);
    await settle();
    expect(a.bufferedAmount).toBe(1);
    expect(await collect(b, 3)).toHaveLength(3);
  });

  it("buffers maxBufferedBytes and evicts at one byte more", async () => {
    const limits = { maxReceiveQueueFrames: 1, maxBufferedBytes: 100, highWaterMarkBytes: 50 };
    const [a, b] = memoryPair({ limits });
    sendBytes(a, 7);
    await settle();
    expect(sendBytes(a, 50, 1, 49)).toEqual([true, false, false]);
    expect(a.bufferedAmount).toBe(100);
    expect(a.readyState).toBe("open");
    expect(() => sendBytes(a, 1)).toThrow(
      expect.objectContaining({ code: "slow_consumer" }) as Error,
    );
    expect(await a.closed).toMatchObject({ code: 4001, reason: "slow_consumer", wasClean: false });
    expect(await b.closed).toMatchObject({ code: 1006, wasClean: false });
    expect((await collectAll(b)).map((frame) => frame.byteLength)).toEqual([7]);
  });

  it("a burst in one turn is no slow reader, as long as the reader has room", async () => {
    const limits = { maxReceiveQueueFrames: 1000, maxBufferedBytes: 100 };
    const [a, b] = memoryPair({ limits });
    for (let index = 0; index < 500; index += 1) sendBytes(a, 50);
    expect(await collect(b, 500)).toHaveLength(500);
  });

  it("ready resolves at the low-water mark, not one byte above it", async () => {
    const limits = { maxReceiveQueueFrames: 1, highWaterMarkBytes: 20, lowWaterMarkBytes: 10 };
    const [a, b] = memoryPair({ limits });
    sendBytes(a, 1, 10, 1, 10);
    let resolved = false;
    const ready = a.ready().then(() => {
      resolved = true;
    });
    await collect(b, 1);
    await settle();
    expect([a.bufferedAmount, resolved]).toEqual([11, false]);
    await collect(b, 1);
    await settle();
    expect(a.bufferedAmount).toBe(10);
    await ready;
    expect(resolved).toBe(true);
  });

  it("gives up a close that the other end does not come to read, after closeTimeoutMs", async () => {
    const clock = new FakeClock();
    const [a, b] = memoryPair({ limits: { maxReceiveQueueFrames: 1, closeTimeoutMs: 500 }, clock });
    sendBytes(a, 1, 1);
    await settle();
    const closing = a.close();
    clock.advance(499);
    await settle();
    expect(a.readyState).toBe("closing");
    clock.advance(1);
    await closing;
    const info = await a.closed;
    expect(info).toMatchObject({ code: 1006, wasClean: false });
    expect(info.error?.code).toBe("timeout");
    expect(await collectAll(b)).toHaveLength(1);
    expect((await b.closed).wasClean).toBe(false);
    expect(clock.pending).toBe(0);
  });

  it("says that a close was not clean when messages had no room any more", async () => {
    const [a, b] = memoryPair({ limits: { maxReceiveQueueFrames: 2 } });
    sendBytes(a, 1, 1, 1, 1);
    await settle();
    await b.close();
    const info = await b.closed;
    expect(info).toMatchObject({ code: 1000, wasClean: false });
    expect(info.error?.message).toMatch(/dropped/);
    expect(await collectAll(b)).toHaveLength(2);
    expect((await a.closed).code).toBe(1000);
  });

  it("sees the close behind messages that fill the queue while it closes", async () => {
    const clock = new FakeClock();
    const [a, b] = memoryPair({ limits: { maxReceiveQueueFrames: 2 }, clock });
    sendBytes(b, 1, 1);
    await a.close();
    expect(await a.closed).toEqual({ code: 1000, reason: "", wasClean: true });
    expect(await collectAll(a)).toHaveLength(2);
  });

  it("leaves no timer, however it ends", async () => {
    const clock = new FakeClock();
    const [a, b] = memoryPair({ clock });
    await Promise.all([a.close(), b.close()]);
    const [c, d] = memoryPair({ clock });
    c.abort(new ConicError("replaced", "someone else came"));
    expect(await c.closed).toMatchObject({ code: 4500, reason: "replaced" });
    await d.closed;
    expect(clock.pending).toBe(0);
  });

  it.each([
    { code: 999 },
    { code: 1004 },
    { code: 1005 },
    { code: 1006 },
    { code: 1015 },
    { code: 2999 },
    { code: 5000 },
    { code: 4000.5 },
    { reason: "x".repeat(124) },
    { reason: "€".repeat(42) },
  ])("refuses to close with %o, and stays open", async (options) => {
    const [a] = memoryPair();
    await expect(a.close(options)).rejects.toMatchObject({ code: "invalid_argument" });
    expect(a.readyState).toBe("open");
  });

  it.each([
    { code: 1000, reason: "x".repeat(123) },
    { code: 1001, reason: "€".repeat(41) },
    { code: 1014, reason: "" },
    { code: 3000, reason: "" },
    { code: 4999, reason: "last" },
  ])("closes with %o", async (options) => {
    const [a, b] = memoryPair();
    await a.close(options);
    expect(await b.closed).toEqual({ ...options, wasClean: true });
  });
});
