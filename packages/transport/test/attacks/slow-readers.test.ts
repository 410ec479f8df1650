import { collect, collectAll, failOnLeaks } from "@conic/internal-testing";
import { Frame } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { dialWebSocket } from "../../src/index.js";
import { closePayload, opcodes, RawClient, rawFrame } from "../support/raw-client.js";
import { serve } from "../support/server.js";

const frame = Frame.fromText("f".repeat(8_000));

describe("S5 clients that do not read, or do not let go", () => {
  failOnLeaks();

  it("evicts a flooded client that stalls; bystanders get every message, memory stays bounded", async () => {
    await using server = await serve();
    const stalled = await RawClient.upgraded(server.port);
    stalled.socket.pause();
    const victim = await server.accepted();
    const bystanders = Array.from({ length: 3 }, () => dialWebSocket(server.url));
    const targets = [];
    for (const bystander of bystanders) {
      await bystander.opened;
      targets.push(await server.accepted());
    }
    const readings = bystanders.map((bystander) => collect(bystander, 2000));
    let largest = 0;
    let evictedAt = -1;
    for (let index = 0; index < 2000; index += 1) {
      for (const target of targets) {
        if (!target.send(frame)) await target.ready();
      }
      if (evictedAt >= 0) continue;
      try {
        victim.send(frame);
        largest = Math.max(largest, victim.bufferedAmount);
      } catch {
        evictedAt = index;
      }
    }
    const info = await victim.closed;
    expect(info).toMatchObject({ code: 4001, wasClean: false });
    expect(info.error?.code).toBe("slow_consumer");
    expect(evictedAt).toBeGreaterThan(0);
    expect(largest).toBeLessThanOrEqual(1_048_576);
    for (const reading of readings) expect(await reading).toHaveLength(2000);
    expect(server.acceptor.connectionCount).toBe(3);
    stalled.socket.resume();
    await stalled.ended;
    await Promise.all(bystanders.map((bystander) => bystander.close()));
  });

  it("holds exactly maxBufferedBytes for a client that stalls, and evicts at one byte more", async () => {
    await using server = await serve({ limits: { maxBufferedBytes: 200_000 } });
    const stalled = await RawClient.upgraded(server.port);
    stalled.socket.pause();
    const victim = await server.accepted();
    // Until the kernel takes no more: then the count is exact.
    while (victim.bufferedAmount < 100_000) {
      victim.send(frame);
      if (victim.bufferedAmount > 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const left = 200_000 - victim.bufferedAmount;
    for (let room = left; room > 65_000; room = 200_000 - victim.bufferedAmount) victim.send(frame);
    const room = 200_000 - victim.bufferedAmount;
    expect(victim.send(Frame.fromText("x".repeat(room)))).toBe(false);
    expect(victim.readyState).toBe("open");
    expect(() => victim.send(Frame.fromText("x"))).toThrow(/does not read/);
    expect(victim.readyState).toBe("closed");
    stalled.destroy();
    await stalled.ended;
  });

  it("does not hold a whole read of the network for each small message that waits", async () => {
    await using server = await serve();
    const stalled = await RawClient.upgraded(server.port);
    stalled.socket.pause();
    const victim = await server.accepted();
    while (victim.bufferedAmount < 200_000) victim.send(frame);
    const pinned: WeakRef<ArrayBufferLike>[] = [];
    for (let index = 0; index < 50; index += 1) {
      const chunk = new ArrayBuffer(65_536);
      pinned.push(new WeakRef(chunk));
      victim.send(Frame.fromBytes(new Uint8Array(chunk, 100, 50)));
    }
    const { setFlagsFromString } = await import("node:v8");
    const { runInNewContext } = await import("node:vm");
    setFlagsFromString("--expose-gc");
    await new Promise((resolve) => setImmediate(resolve));
    (runInNewContext("gc") as () => void)();
    expect(pinned.filter((chunk) => chunk.deref() !== undefined).length).toBeLessThan(5);
    stalled.destroy();
    await stalled.ended;
  });

  it("stops reading from a flood that the application does not read, and loses nothing of it", async () => {
    await using server = await serve({
      limits: { maxReceiveQueueFrames: 10, maxReceiveQueueBytes: 1_000_000 },
    });
    const flooder = dialWebSocket(server.url);
    await flooder.opened;
    const connection = await server.accepted();
    let sent = 0;
    while (flooder.send(frame)) sent += 1;
    sent += 1;
    // Real backpressure: the flooder's own buffer fills, as nobody reads at the other end.
    expect(flooder.bufferedAmount).toBeGreaterThan(65_536);
    expect(await collect(connection, sent)).toHaveLength(sent);
    await flooder.ready();
    await flooder.close();
  });

  it("ends a connection whose other end never answers a close", async () => {
    await using server = await serve({ limits: { closeTimeoutMs: 50 } });
    const client = await RawClient.upgraded(server.port);
    const connection = await server.accepted();
    await connection.close({ code: 4000, reason: "bye" });
    const info = await connection.closed;
    expect(info).toMatchObject({ code: 1006, wasClean: false });
    expect(info.error?.code).toBe("timeout");
    expect(await client.closeCode()).toBe(4000);
    await client.ended;
  });

  it("ends a connection whose other end closes but keeps the socket", async () => {
    await using server = await serve({ limits: { closeTimeoutMs: 50 } });
    const client = await RawClient.upgraded(server.port);
    client.socket.allowHalfOpen = true;
    const connection = await server.accepted();
    client.write(rawFrame(opcodes.close, closePayload(1000)));
    const info = await connection.closed;
    expect(info).toMatchObject({ code: 1000, wasClean: false });
    expect(info.error?.code).toBe("timeout");
    // It has seen the end of the stream and does not read any more, so it does not notice the reset.
    client.destroy();
    await client.ended;
  });

  it("ends a connection whose other end sends on and on instead of answering a close", async () => {
    await using server = await serve({
      limits: { closeTimeoutMs: 100, maxReceiveQueueFrames: 8 },
    });
    const client = await RawClient.upgraded(server.port);
    const connection = await server.accepted();
    const closing = connection.close();
    const timer = setInterval(() => {
      client.write(rawFrame(opcodes.text, "more"));
    }, 2);
    await closing;
    clearInterval(timer);
    const info = await connection.closed;
    expect(info.wasClean).toBe(false);
    expect((await collectAll(connection)).length).toBeLessThanOrEqual(8);
    await client.ended;
  });

  it("ends a stalled client that half-closes and still does not read", async () => {
    await using server = await serve({ limits: { closeTimeoutMs: 50 } });
    const client = await RawClient.upgraded(server.port);
    client.socket.pause();
    const connection = await server.accepted();
    while (connection.bufferedAmount < 200_000) connection.send(frame);
    client.socket.end();
    const info = await connection.closed;
    expect(info).toMatchObject({ code: 1006, wasClean: false });
    client.destroy();
    await client.ended;
  });
});
