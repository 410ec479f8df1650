import { collect, failOnLeaks } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { createPeers, openChannel } from "../peers.js";

describe("statistics", () => {
  failOnLeaks();

  it("count messages and bytes per channel, both ways", async () => {
    await using peers = createPeers();
    const [near, far] = await openChannel(peers);
    const reading = Promise.all([collect(far, 3), collect(near, 1)]);
    near.send("日本語");
    near.send(new Uint8Array(1000));
    near.send("");
    far.send("hi");
    await reading;
    const [atA, atB] = await Promise.all([peers.a.getStats(), peers.b.getStats()]);
    const common = { label: "chat", protocol: "", id: near.id, state: "open", bufferedAmount: 0 };
    expect(atA.channels).toEqual([
      { ...common, messagesSent: 3, bytesSent: 1009, messagesReceived: 1, bytesReceived: 2 },
    ]);
    expect(atB.channels).toEqual([
      { ...common, messagesSent: 1, bytesSent: 2, messagesReceived: 3, bytesReceived: 1009 },
    ]);
  });

  it("tell the path in use, what went over it, and the round trip", async () => {
    const end = { hostAddresses: ["127.0.0.1"] };
    await using peers = createPeers({ a: end, b: end });
    const before = await peers.a.getStats();
    expect(before.connectTimeMs).toBeUndefined();
    expect(before.transport).toEqual({
      bytesSent: 0,
      bytesReceived: 0,
      packetsSent: 0,
      packetsReceived: 0,
      roundTripTimeMs: undefined,
      local: undefined,
      remote: undefined,
    });
    const [near, far] = await openChannel(peers);
    const reading = collect(far, 1);
    near.send(new Uint8Array(50_000));
    await reading;
    const [atA, atB] = await Promise.all([peers.a.getStats(), peers.b.getStats()]);
    expect(atA).toMatchObject({
      remoteId: "bob",
      connectionState: "connected",
      attempts: 1,
      dataChannelsOpened: 1,
      dataChannelsClosed: 0,
    });
    expect(atA.connectTimeMs).toBeGreaterThan(0);
    expect(atA.transport.roundTripTimeMs).toBeGreaterThan(0);
    // In milliseconds, even on a machine that is busy.
    expect(atA.transport.roundTripTimeMs).toBeLessThan(10_000);
    expect(atA.transport.bytesSent).toBeGreaterThan(50_000);
    // Handshakes too; a packet holds up to 16 KiB within one machine.
    expect(atA.transport.packetsSent).toBeGreaterThan(8);
    expect(atB.transport.bytesReceived).toBeGreaterThan(50_000);
    expect(atA.transport.local).toMatchObject({ type: "host", address: "127.0.0.1" });
    expect(atA.transport.local?.port).toBe(atB.transport.remote?.port);
    expect(atA.transport.remote?.port).toBe(atB.transport.local?.port);
  });

  it("are still there when the connection is closed", async () => {
    await using peers = createPeers();
    await openChannel(peers);
    await peers.a.close();
    const stats = await peers.a.getStats();
    expect(stats).toMatchObject({
      connectionState: "closed",
      dataChannelsOpened: 1,
      dataChannelsClosed: 1,
      channels: [],
    });
    expect(stats.connectTimeMs).toBeGreaterThan(0);
  });
});
