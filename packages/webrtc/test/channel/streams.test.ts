import { collect, collectAll, failOnLeaks } from "@conic/internal-testing";
import { ConicError } from "@conic/domain";
import { describe, expect, it } from "vitest";
import type { DataChannelChunk, DataChannelMessage } from "../../src/index.js";
import { createPeers, next, openChannel } from "../peers.js";

const coded = (code: string): Error => expect.objectContaining({ code }) as Error;

async function readAll(stream: ReadableStream<DataChannelMessage>): Promise<DataChannelMessage[]> {
  const messages: DataChannelMessage[] = [];
  for await (const message of stream) messages.push(message);
  return messages;
}

describe("the readable side of a data channel", () => {
  failOnLeaks();

  it("gives texts and bytes, and ends with the channel", async () => {
    await using peers = createPeers();
    const [near, far] = await openChannel(peers);
    expect(far.readable).toBe(far.readable);
    near.send("hello");
    near.send(Uint8Array.of(1, 2));
    near.send("");
    await near.close();
    const [text, bytes, ...others] = await readAll(far.readable);
    expect(text).toBe("hello");
    expect(Buffer.from(bytes as Uint8Array)).toEqual(Buffer.of(1, 2));
    expect(others).toEqual([""]);
  });

  it("takes nothing before it is asked: a loop over the channel finds all that came", async () => {
    await using peers = createPeers();
    const [near, far] = await openChannel(peers);
    const { readable } = far;
    for (const message of ["one", "two", "three"]) near.send(message);
    await expect.poll(() => far.stats().messagesReceived).toBe(3);
    expect(await next(far)).toBe("one");
    const reader = readable.getReader();
    expect((await reader.read()).value).toBe("two");
    expect(await next(far)).toBe("three");
  });

  it("leaves what nobody reads in the inbox, whose limits hold", async () => {
    await using peers = createPeers({ b: { channelLimits: { maxReceiveBufferMessages: 5 } } });
    const [near, far] = await openChannel(peers);
    const reader = far.readable.getReader();
    for (let sent = 0; sent < 5; sent += 1) near.send("");
    await expect.poll(() => far.stats().messagesReceived).toBe(5);
    expect(far.readyState).toBe("open");
    near.send("");
    expect((await far.closed).error?.code).toBe("slow_consumer");
    for (let read = 0; read < 5; read += 1) expect((await reader.read()).value).toBe("");
    await expect(reader.read()).rejects.toMatchObject({ code: "slow_consumer" });
  });

  it("fails with the error of the channel, behind what had arrived", async () => {
    await using peers = createPeers();
    const [near, far] = await openChannel(peers);
    near.send("before");
    await expect.poll(() => far.stats().messagesReceived).toBe(1);
    const reason = new ConicError("internal", "enough");
    far.abort(reason);
    const reader = far.readable.getReader();
    expect((await reader.read()).value).toBe("before");
    await expect(reader.read()).rejects.toBe(reason);
  });

  it("fails as well when the connection is lost while a read waits", async () => {
    await using peers = createPeers();
    const [, far] = await openChannel(peers);
    const reading = far.readable.getReader().read();
    peers.b.abort(new ConicError("connection_failed", "the cable is cut"));
    await expect(reading).rejects.toMatchObject({ code: "connection_failed" });
  });

  it("closes the channel when it is cancelled, and is not overrun meanwhile", async () => {
    const channelLimits = { maxReceiveBufferMessages: 5, closeTimeoutMs: 30_000 };
    await using peers = createPeers({ b: { channelLimits } });
    const [near, far] = await openChannel(peers);
    const reader = far.readable.getReader();
    const waiting = reader.read();
    const cancelled = reader.cancel("not interested");
    for (let sent = 0; sent < 50; sent += 1) near.send("more");
    await cancelled;
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await far.closed).toMatchObject({ wasClean: true });
    expect(await near.closed).toMatchObject({ wasClean: true });
  });

  it("and a loop exclude each other while one of them waits", async () => {
    await using peers = createPeers();
    const [near, far] = await openChannel(peers);
    const reader = far.readable.getReader();
    // A stream starts in the turn after the one that it was made in.
    await new Promise(setImmediate);
    const reading = reader.read();
    await expect(next(far)).rejects.toMatchObject({ code: "invalid_state" });
    near.send("for the stream");
    expect((await reading).value).toBe("for the stream");
    const looping = next(far);
    await expect(reader.read()).rejects.toMatchObject({ code: "invalid_state" });
    near.send("for the loop");
    expect(await looping).toBe("for the loop");
  });
});

describe("the writable side of a data channel", () => {
  failOnLeaks();

  it("waits until the channel is open, and sends strings and bytes in every shape", async () => {
    await using peers = createPeers();
    const near = peers.a.createDataChannel("chat");
    expect(near.writable).toBe(near.writable);
    const writer = near.writable.getWriter();
    const buffer = Uint8Array.of(0, 1, 2, 3, 4, 5).buffer;
    const chunks: readonly DataChannelChunk[] = [
      "héllo",
      "",
      Uint8Array.of(9),
      new Uint8Array(0),
      buffer,
      new Uint8Array(buffer, 1, 2),
      new DataView(buffer, 4),
      Buffer.from("node"),
      Uint16Array.of(0x0201),
    ];
    const writing = Promise.all(chunks.map((chunk) => writer.write(chunk)));
    const received = await collect(await next(peers.b.dataChannels()), chunks.length);
    await writing;
    expect(
      received.map((message) => (typeof message === "string" ? message : [...message])),
    ).toEqual([
      "héllo",
      "",
      [9],
      [],
      [0, 1, 2, 3, 4, 5],
      [1, 2],
      [4, 5],
      [...Buffer.from("node")],
      [1, 2],
    ]);
  });

  it("cuts bytes into messages of 64 KiB, or of what the remote accepts", async () => {
    const bytes = Uint8Array.from({ length: 131_073 }, (_, index) => index % 251);
    for (const [maxMessageBytes, sizes] of [
      [262_144, [65_536, 65_536, 1]],
      [50_000, [50_000, 50_000, 31_073]],
    ] as const) {
      await using peers = createPeers({ b: { maxMessageBytes } });
      const [near, far] = await openChannel(peers);
      const writer = near.writable.getWriter();
      const reading = collectAll(far);
      await writer.write(bytes);
      // A chunk belongs to its owner again when the write is done.
      bytes.fill(0);
      await writer.close();
      const messages = (await reading) as Uint8Array[];
      expect(messages.map(({ byteLength }) => byteLength)).toEqual(sizes);
      const whole = Buffer.concat(messages);
      expect(whole.findIndex((byte, index) => byte !== index % 251)).toBe(-1);
      bytes.forEach((_, index) => (bytes[index] = index % 251));
    }
  });

  it("fails for a string above the remote's limit, and takes the channel with it", async () => {
    await using peers = createPeers({ b: { maxMessageBytes: 10_000 } });
    const [near] = await openChannel(peers);
    const writer = near.writable.getWriter();
    await writer.write("é".repeat(5_000));
    await expect(writer.write(`${"é".repeat(5_000)}x`)).rejects.toThrow(coded("too_large"));
    expect((await near.closed).error?.code).toBe("too_large");
    await expect(writer.write("after")).rejects.toThrow(coded("too_large"));
  });

  it("fails for what is no chunk", async () => {
    await using peers = createPeers();
    const [near] = await openChannel(peers);
    const writer = near.writable.getWriter();
    const nonsense = 7 as unknown as string;
    await expect(writer.write(nonsense)).rejects.toThrow(coded("invalid_argument"));
    expect(near.readyState).toBe("closed");
  });

  it("gets by with a buffer that is smaller than a message, and never overfills it", async () => {
    const channelLimits = {
      lowWaterMarkBytes: 20_000,
      highWaterMarkBytes: 40_000,
      maxBufferedBytes: 40_000,
    };
    await using peers = createPeers({ a: { channelLimits } });
    const [near, far] = await openChannel(peers);
    const reading = collectAll(far);
    const writer = near.writable.getWriter();
    for (let chunk = 0; chunk < 20; chunk += 1) await writer.write(new Uint8Array(30_000));
    await writer.write(new Uint8Array(100_000));
    await writer.close();
    const sizes = (await reading).map(({ length }) => length);
    expect(sizes).toEqual([...Array.from({ length: 20 }, () => 30_000), 40_000, 40_000, 20_000]);
  });

  it("closes once everything has arrived, however short the close timeout is", async () => {
    await using peers = createPeers({ a: { channelLimits: { closeTimeoutMs: 1 } } });
    const [near, far] = await openChannel(peers);
    const reading = collectAll(far);
    const writer = near.writable.getWriter();
    for (let chunk = 0; chunk < 100; chunk += 1) void writer.write(new Uint8Array(10_000));
    await writer.close();
    expect(near.readyState).toBe("closed");
    expect(await reading).toHaveLength(100);
  });

  it("aborts the channel when it is aborted, also while a write and a close wait", async () => {
    await using peers = createPeers();
    const [near, far] = await openChannel(peers);
    const writer = near.writable.getWriter();
    const reason = new ConicError("internal", "changed my mind");
    const writing = Promise.allSettled(
      Array.from({ length: 100 }, () => writer.write(new Uint8Array(65_536))),
    );
    const closing = writer.close();
    await writer.abort(reason);
    await expect(closing).rejects.toBe(reason);
    expect((await writing).at(-1)).toEqual({ status: "rejected", reason });
    expect((await near.closed).error).toBe(reason);
    expect(near.bufferedAmount).toBe(0);
    await far.closed;
  });

  it("makes a ConicError of another reason, and of none", async () => {
    await using peers = createPeers();
    const [first] = await openChannel(peers);
    const [second] = await openChannel(peers);
    const cause = new Error("why not");
    await first.writable.abort(cause);
    await second.writable.abort();
    expect((await first.closed).error).toMatchObject({ code: "aborted", cause });
    expect((await second.closed).error?.code).toBe("aborted");
  });

  it("fails when the remote closes, and when this side does", async () => {
    await using peers = createPeers();
    const [first, far] = await openChannel(peers);
    const [second] = await openChannel(peers);
    const writer = first.writable.getWriter();
    await far.close();
    await expect(writer.closed).rejects.toMatchObject({ code: "closed" });
    await expect(writer.write("late")).rejects.toMatchObject({ code: "closed" });
    const other = second.writable.getWriter();
    await second.close();
    await expect(other.closed).rejects.toMatchObject({ code: "closed" });
  });

  it("fails with the reason when the channel never opens", async () => {
    await using peers = createPeers({ pass: () => false });
    const near = peers.a.createDataChannel("chat");
    const writing = near.writable.getWriter().write("hello");
    peers.a.abort(new ConicError("connection_failed", "nobody there"));
    await expect(writing).rejects.toMatchObject({ code: "connection_failed" });
  });
});
