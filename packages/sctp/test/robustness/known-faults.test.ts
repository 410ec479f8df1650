import { describe, expect, it } from "vitest";
import { readPacket, readU32, types } from "../support/packets.js";
import { connectedPair, type Pair, type Peer } from "../support/peers.js";
import type { Flow } from "../support/traffic.js";
import { transfer } from "../support/transfer.js";

// Each of these made another implementation crash, stall or lose data; the names are those of its reproducers.

function hear(peer: Peer): string[] {
  const heard: string[] = [];
  peer.onChannel = (channel) => {
    const { label } = channel.init;
    channel.bind({
      open: () => {},
      message: (data) => heard.push(`${label} ${typeof data === "string" ? data : data.length}`),
      drained: () => {},
      closed: () => heard.push(`${label} closed`),
    });
  };
  return heard;
}

function open(
  { link, a }: Pair,
  label: string,
  init: object = {},
): ReturnType<Peer["channels"]["open"]> {
  const channel = a.channels.open({ label, ...init }, link.now);
  channel.bind({ open: () => {}, message: () => {}, drained: () => {}, closed: () => {} });
  return channel;
}

/** Drops the first packet that carries this many bytes of DATA, once. */
function losing(dataChunk: number): (bytes: Uint8Array) => boolean {
  let seen = 0;
  return (bytes) => {
    const isData = readPacket(bytes)?.chunks.some(
      ({ type }) => type === types.data || type === types.iData,
    );
    if (isData !== true) return false;
    seen += 1;
    return seen === dataChunk;
  };
}

describe("a fault that others have", () => {
  it("empty-message: nothing stalls, text and bytes stay what they are", () => {
    const made = connectedPair({ seed: 1 });
    const heard = hear(made.b);
    const channel = open(made, "x");
    for (const message of ["", new Uint8Array(0), "a", Buffer.alloc(0), "", "b"]) {
      channel.send(message, made.link.now);
    }
    made.link.runFor(1000);
    expect(heard).toEqual(["x ", "x 0", "x a", "x 0", "x ", "x b"]);
  });

  it("two-channels-stranded: one lost packet of one channel leaves nothing of either behind", () => {
    for (const interleaving of [true, false]) {
      for (let lost = 1; lost < 8; lost += 1) {
        const made = connectedPair({ seed: 1, peers: { interleaving } });
        const heard = hear(made.b);
        made.link.paths.a.conditions.drop = losing(lost);
        const [x, y] = [open(made, "x"), open(made, "y")];
        for (let count = 0; count < 3; count += 1) {
          x.send(`${count}`, made.link.now);
          made.link.runFor(1);
          y.send(`${count}`, made.link.now);
          made.link.runFor(1);
        }
        made.link.runFor(3000);
        const of = (label: string): string[] => heard.filter((line) => line.startsWith(label));
        expect(of("x")).toEqual(["x 0", "x 1", "x 2"]);
        expect(of("y")).toEqual(["y 0", "y 1", "y 2"]);
      }
    }
  });

  it("pr-hits-reliable: what one channel gives up is not taken from the other", () => {
    for (const interleaving of [true, false]) {
      const sizes = Array.from({ length: 60 }, () => 3000);
      const flows: Flow[] = [
        { key: 1, init: { label: "" }, sizes, text: false },
        { key: 2, init: { label: "", maxRetransmits: 0 }, sizes, text: false },
      ];
      const made = transfer({
        seed: 4,
        peers: { interleaving },
        aToB: { delayMs: 10, loss: 0.2 },
        fromA: flows,
        withinMs: 60_000,
      });
      expect(made.arrivals.get(1)?.seen.size).toBe(60);
      expect(made.arrivals.get(2)?.seen.size).toBeLessThan(60);
    }
  });

  it.each([999_999_970, 4_294_967_260, 99_999_990])(
    "tsn-control: loss while TSNs cross %d",
    (tsn) => {
      for (const interleaving of [true, false]) {
        const flow: Flow = { key: 1, init: { label: "" }, sizes: repeat(40, 1000), text: false };
        const peers = { interleaving, random32: () => tsn };
        const made = transfer({
          seed: 2,
          peers,
          aToB: { delayMs: 10, loss: 0.2 },
          fromA: [flow],
          withinMs: 10_000,
        });
        expect(made.arrivals.get(1)?.seen.size).toBe(40);
      }
    },
  );

  it("close-flush: close right after send loses nothing", () => {
    const made = connectedPair({ seed: 1, both: { loss: 0.1 } });
    const heard = hear(made.b);
    const channel = open(made, "x");
    for (let count = 0; count < 200; count += 1) channel.send(`${count}`, made.link.now);
    channel.close(made.link.now);
    expect(made.link.run(() => channel.state === "closed", 30_000)).toBe(true);
    made.link.runFor(10_000);
    expect(heard).toEqual([...Array.from({ length: 200 }, (_, at) => `x ${at}`), "x closed"]);
  });

  it("fast-close-remote: a channel closed inside the event that tells of it", () => {
    const made = connectedPair({ seed: 1 });
    const { link, a, b } = made;
    b.onChannel = (channel) => channel.close(link.now);
    const channel = open(made, "x");
    link.runFor(1000);
    expect([channel.state, a.state, b.state]).toEqual(["closed", "connected", "connected"]);
    expect([a.faults, b.faults]).toEqual([[], []]);
  });

  it("big-4MB: a message above the receive window arrives", () => {
    for (const interleaving of [true, false]) {
      const sizes = [4 * 1024 * 1024, 5];
      const made = transfer({
        seed: 1,
        peers: { interleaving, maxMessageBytes: 4 * 1024 * 1024, receiveWindowBytes: 1024 * 1024 },
        both: { delayMs: 5, loss: 0.001 },
        fromA: [{ key: 1, init: { label: "" }, sizes, text: false }],
        withinMs: 60_000,
      });
      expect(made.arrivals.get(1)?.seen.size).toBe(2);
    }
  });

  it("a message of the largest size arrives; one byte more ends the association of who takes no more", () => {
    const peers = { maxMessageBytes: 10_000 };
    const made = connectedPair({ seed: 1, peers });
    const heard = hear(made.b);
    const channel = open(made, "x");
    channel.send(new Uint8Array(10_000), made.link.now);
    made.link.runFor(1000);
    expect(heard).toEqual(["x 10000"]);
    channel.send(new Uint8Array(10_001), made.link.now);
    made.link.runFor(1000);
    expect([made.b.state, made.b.error?.code]).toEqual(["closed", "too_large"]);
    expect([made.a.state, channel.state]).toEqual(["closed", "closed"]);
  });

  it("max-retransmits-0 and max-packet-life-time-0: one try each", () => {
    for (const init of [{ maxRetransmits: 0 }, { maxPacketLifeTimeMs: 0 }]) {
      const made = connectedPair({ seed: 1 });
      const channel = open(made, "x", init);
      made.link.runFor(500);
      const tsns: number[] = [];
      made.link.paths.a.conditions.drop = (bytes) => {
        for (const { type, value } of readPacket(bytes)?.chunks ?? []) {
          if (type === types.iData) tsns.push(readU32(value, 0));
        }
        return true;
      };
      channel.send("now or never", made.link.now);
      made.link.runFor(500);
      made.link.paths.a.conditions.drop = undefined;
      made.link.runFor(5000);
      expect(tsns).toHaveLength(1);
      expect(channel.isFlushed).toBe(true);
      expect(made.a.association.stats().abandonedMessages).toBe(1);
    }
  });

  it("200 MB without waiting: the queue takes them, and what it costs above them stays small", () => {
    const made = connectedPair({ seed: 1, both: { delayMs: 1 } });
    hear(made.b);
    const channel = open(made, "x");
    const message = new Uint8Array(65_536);
    const count = 3200;
    const before = process.memoryUsage().heapUsed;
    for (let sent = 0; sent < count; sent += 1) channel.send(message, made.link.now);
    expect(channel.bufferedAmount).toBe(count * message.length);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(16 * 1024 * 1024);
    made.link.runFor(20);
    expect(channel.bufferedAmount).toBeLessThan(count * message.length);
  });
});

function repeat(count: number, bytes: number): number[] {
  return Array.from({ length: count }, () => bytes);
}
