import { describe, expect, it } from "vitest";
import { connectedPair } from "../support/peers.js";
import { readPacket, types } from "../support/packets.js";
import type { Flow } from "../support/traffic.js";
import { transfer } from "../support/transfer.js";

function bulk(messages: number, bytes: number): Flow {
  const sizes = Array.from({ length: messages }, () => bytes);
  return { key: 1, init: { label: "" }, sizes, text: false };
}

describe("the size of packets", () => {
  it.each([1200, 1280, 1400, 1452, 2000, 3000])(
    "becomes what a path of %d bytes carries",
    (path) => {
      const conditions = { delayMs: 5, maxPacketBytes: path };
      const { link, a, b } = connectedPair({
        seed: 1,
        both: conditions,
        peers: { maxPacketBytes: 3000 },
      });
      link.runFor(10_000);
      for (const { association } of [a, b]) {
        const { packetBytes, timeouts } = association.stats();
        expect(packetBytes).toBeLessThanOrEqual(path);
        expect(packetBytes).toBeGreaterThan(path - 76);
        expect(timeouts).toBe(0);
      }
    },
  );

  it("is used: no packet of a large transfer is small without need", () => {
    const peers = { maxPacketBytes: 4000 };
    const made = transfer({
      seed: 1,
      both: { delayMs: 5 },
      peers,
      fromA: [bulk(100, 16_384)],
      withinMs: 10_000,
    });
    const { bytes, packets } = made.link.paths.a.stats;
    expect(bytes / packets).toBeGreaterThan(2500);
  });

  it("starts over on another path", () => {
    const { link, a } = connectedPair({
      seed: 1,
      both: { delayMs: 5 },
      peers: { maxPacketBytes: 3000 },
    });
    link.runFor(2000);
    expect(a.association.stats().packetBytes).toBe(3000);
    link.paths.a.conditions.maxPacketBytes = 1300;
    a.association.setPath({ maxPacketBytes: 1452 }, link.now);
    a.channels.flush(link.now);
    expect(a.association.stats().packetBytes).toBe(1188);
    link.runFor(3000);
    expect(a.association.stats().packetBytes).toBeGreaterThan(1188);
    expect(a.association.stats().packetBytes).toBeLessThanOrEqual(1300);
  });

  it("is no reason to fail when it falls below what was found, in the middle of a transfer", () => {
    let fallen = false;
    const drop = (packet: Uint8Array): boolean => fallen && packet.length > 1200;
    const made = connectedPair({ seed: 1, both: { delayMs: 5 }, a: { maxPacketBytes: 3000 } });
    const { link, a, b } = made;
    link.runFor(1000);
    link.paths.a.conditions.drop = drop;
    const channel = a.channels.open({ label: "x" }, link.now);
    let heard = 0;
    b.onChannel = (one) => {
      one.bind({
        open: () => {},
        message: () => (heard += 1),
        drained: () => {},
        closed: () => {},
      });
    };
    for (let count = 0; count < 200; count += 1) channel.send(new Uint8Array(8000), link.now);
    link.runFor(20);
    fallen = true;
    expect(link.run(() => heard === 200, 5000)).toBe(true);
    expect(a.association.stats().packetBytes).toBe(1188);
  });
});

describe("another path", () => {
  it.each([true, false])("is tried at once after a dead one (told of it: %s)", (told) => {
    const { link, a, b } = connectedPair({ seed: 1, both: { delayMs: 5 } });
    const heardAt: number[] = [];
    b.onChannel = (far) => {
      far.bind({
        open: () => {},
        message: () => heardAt.push(link.now),
        drained: () => {},
        closed: () => {},
      });
    };
    const near = a.channels.open({ label: "x" }, link.now);
    link.runFor(1000);
    link.paths.a.conditions.loss = 1;
    near.send("hello", link.now);
    a.channels.flush(link.now);
    // Repetitions are seconds apart by now.
    link.runFor(9000);
    link.paths.a.conditions.loss = 0;
    const from = link.now;
    if (told) {
      a.association.setPath({ maxPacketBytes: 1188, rttMs: 10 }, from);
      a.channels.advance(from);
    }
    expect(link.run(() => heardAt.length === 1, 10_000)).toBe(true);
    const waitedMs = (heardAt[0] ?? 0) - from;
    expect(told ? waitedMs === 5 : waitedMs > 500).toBe(true);
  });
});

describe("acknowledgements", () => {
  it("are one for two packets at most, and come within 200 ms for a lone one", () => {
    const made = transfer({
      seed: 1,
      both: { delayMs: 5, bytesPerMs: 100 },
      fromA: [bulk(100, 1156)],
      withinMs: 10_000,
    });
    const { packets } = made.link.paths.a.stats;
    expect(made.link.paths.b.stats.packets).toBeLessThan(packets * 0.75);
    const { link, a, b } = connectedPair({ seed: 1, both: { delayMs: 5 } });
    b.onChannel = (channel) =>
      channel.bind({ open: () => {}, message: () => {}, drained: () => {}, closed: () => {} });
    const channel = a.channels.open({ label: "x" }, link.now);
    link.runFor(1000);
    channel.send("one", link.now);
    const before = link.now;
    expect(link.run(() => channel.isFlushed, 1000)).toBe(true);
    expect(link.now - before).toBeLessThanOrEqual(210);
  });

  it("ride along with data that goes the other way", () => {
    const { link, a, b } = connectedPair({ seed: 1, both: { delayMs: 5 } });
    b.onChannel = (channel) =>
      channel.bind({
        open: () => {},
        message: (data) => channel.send(data, link.now),
        drained: () => {},
        closed: () => {},
      });
    const channel = a.channels.open({ label: "x" }, link.now);
    let left = 50;
    channel.bind({
      open: () => {},
      message: () => {
        left -= 1;
        if (left > 0) channel.send("ping", link.now);
      },
      drained: () => {},
      closed: () => {},
    });
    link.runFor(500);
    const before = link.paths.a.stats.packets + link.paths.b.stats.packets;
    channel.send("ping", link.now);
    expect(link.run(() => left === 0, 10_000)).toBe(true);
    expect(link.paths.a.stats.packets + link.paths.b.stats.packets - before).toBeLessThanOrEqual(
      101,
    );
  });
});

describe("an idle association", () => {
  it("sends nothing", () => {
    const { link, a, b } = connectedPair({ seed: 1, both: { delayMs: 5 } });
    link.runFor(10_000);
    const before = link.paths.a.stats.packets + link.paths.b.stats.packets;
    link.runFor(3_600_000);
    expect(link.paths.a.stats.packets + link.paths.b.stats.packets).toBe(before);
    expect([a.channels.nextTimeout(), b.channels.nextTimeout()]).toEqual([undefined, undefined]);
  });
});

describe("checksums", () => {
  it("are written until the remote is known to need none, and in the whole handshake", () => {
    const seen: { readonly type: number; readonly checksum: number }[] = [];
    const drop = (bytes: Uint8Array): boolean => {
      const read = readPacket(bytes);
      const [first] = read?.chunks ?? [];
      seen.push({ type: first?.type ?? -1, checksum: read?.checksum ?? 0 });
      return false;
    };
    transfer({ seed: 1, both: { delayMs: 5, drop }, fromA: [bulk(5, 1000)], withinMs: 5000 });
    const handshake: readonly number[] = [types.init, types.initAck, types.cookieEcho];
    const without = (checked: readonly number[]): number[] =>
      seen
        .filter(({ type, checksum }) => checked.includes(type) && checksum === 0)
        .map(({ type }) => type);
    expect(without(handshake)).toEqual([]);
    const data = seen.filter(({ type }) => type === types.iData);
    expect(data.length).toBeGreaterThan(3);
    expect(without([types.iData])).toHaveLength(data.length);
  });
});
