import { collect, collectAll, failOnLeaks } from "@conic/internal-testing";
import { createHash } from "node:crypto";
import type { ConicError } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { createPeers, next, openChannel } from "../peers.js";
import { UdpPath } from "../udp-path.js";

const coded = (code: string): Error => expect.objectContaining({ code }) as Error;

describe("limits of a data channel", () => {
  failOnLeaks();

  it("take maxBufferedBytes and refuse one byte more with buffer_full", async () => {
    const channelLimits = { maxBufferedBytes: 100_000, highWaterMarkBytes: 50_000 };
    await using peers = createPeers({ a: { channelLimits } });
    const [near, far] = await openChannel(peers);
    const reading = collect(far, 4);
    expect(near.send(new Uint8Array(50_000))).toBe(true);
    expect(near.send(new Uint8Array(49_999))).toBe(false);
    expect(near.send(new Uint8Array(1))).toBe(false);
    expect(near.bufferedAmount).toBe(100_000);
    expect(() => near.send(new Uint8Array(1))).toThrow(coded("buffer_full"));
    await near.ready();
    near.send("after");
    expect((await reading).at(-1)).toBe("after");
    expect(near.stats().messagesSent).toBe(4);
  });

  it("take the largest message of the remote and refuse one byte more with too_large", async () => {
    await using peers = createPeers({ b: { maxMessageBytes: 10_000 } });
    const [near, far] = await openChannel(peers);
    expect(near.maxMessageBytes).toBe(10_000);
    expect(far.maxMessageBytes).toBe(262_144);
    expect(() => near.send("é".repeat(5_000) + "x")).toThrow(coded("too_large"));
    near.send("é".repeat(5_000));
    expect(await next(far)).toBe("é".repeat(5_000));
  });

  it("hold maxReceiveBufferBytes for an application that does not read, and end the channel at one more", async () => {
    const channelLimits = { maxReceiveBufferBytes: 30_000 };
    await using peers = createPeers({ b: { channelLimits } });
    const [near, far] = await openChannel(peers);
    for (let sent = 0; sent < 3; sent += 1) near.send(new Uint8Array(10_000));
    await expect.poll(() => far.stats().messagesReceived).toBe(3);
    expect(far.readyState).toBe("open");
    near.send("x");
    expect((await far.closed).error?.code).toBe("slow_consumer");
    // What had arrived may still be read.
    expect(await collectAll(far)).toHaveLength(3);
    await near.closed;
  });

  it("hold maxReceiveBufferMessages, and end the channel at one more", async () => {
    const channelLimits = { maxReceiveBufferMessages: 5 };
    await using peers = createPeers({ b: { channelLimits } });
    const [near, far] = await openChannel(peers);
    for (let sent = 0; sent < 5; sent += 1) near.send("");
    await expect.poll(() => far.stats().messagesReceived).toBe(5);
    expect(far.readyState).toBe("open");
    near.send("");
    expect((await far.closed).error?.code).toBe("slow_consumer");
  });

  it("hold maxPendingChannels for an application that does not take them, and close one more", async () => {
    await using peers = createPeers({ b: { maxPendingChannels: 3 } });
    const faults: ConicError[] = [];
    peers.b.on("fault", (error) => {
      faults.push(error);
    });
    const channels = [1, 2, 3].map((index) => peers.a.createDataChannel(`channel ${index}`));
    await Promise.all(channels.map(({ opened }) => opened));
    expect(faults).toEqual([]);
    const extra = peers.a.createDataChannel("one too many");
    await extra.closed;
    expect(faults.map(({ code }) => code)).toEqual(["buffer_full"]);
    expect(channels.map(({ readyState }) => readyState)).toEqual(["open", "open", "open"]);
    expect((await collect(peers.b.dataChannels(), 3)).map(({ label }) => label)).toEqual(
      channels.map(({ label }) => label),
    );
  });

  it("end a channel that the remote does not confirm after closeTimeoutMs", async () => {
    let isLost = false;
    const channelLimits = { closeTimeoutMs: 200 };
    await using path = await UdpPath.create();
    path.filter = () => !isLost;
    const end = { hostAddresses: ["127.0.0.1"], channelLimits };
    await using peers = createPeers({ a: end, b: end, rewrite: path.rewrite });
    const [near] = await openChannel(peers);
    isLost = true;
    near.send("lost");
    const start = performance.now();
    await near.close();
    expect(performance.now() - start).toBeGreaterThanOrEqual(195);
    expect(await near.closed).toMatchObject({ wasClean: false, error: { code: "timeout" } });
  });
});

describe("20 MB in messages of 16 KiB", () => {
  failOnLeaks();

  it("arrive intact, and a sender that waits for ready never holds more than it should", async () => {
    const messageBytes = 16_384;
    const count = 1280;
    const highWaterMarkBytes = 262_144;
    const channelLimits = { highWaterMarkBytes, lowWaterMarkBytes: 65_536 };
    await using peers = createPeers({ a: { channelLimits } });
    const [near, far] = await openChannel(peers);
    const received = createHash("sha256");
    let receivedBytes = 0;
    const reading = (async () => {
      for await (const message of far) {
        received.update(message);
        receivedBytes += message.length;
      }
    })();
    const sent = createHash("sha256");
    const message = Buffer.alloc(messageBytes);
    let most = 0;
    for (let index = 0; index < count; index += 1) {
      message.writeUInt32BE(index, 0);
      message.fill(index & 255, 4);
      sent.update(message);
      // The buffer is used again: send has to copy it.
      if (!near.send(message)) await near.ready();
      most = Math.max(most, near.bufferedAmount);
    }
    // Closing gives up after 5 s.
    await near.flush();
    await near.close();
    await reading;
    expect(receivedBytes).toBe(count * messageBytes);
    expect(received.digest("hex")).toBe(sent.digest("hex"));
    expect(most).toBeLessThanOrEqual(highWaterMarkBytes + messageBytes);
  });
});
