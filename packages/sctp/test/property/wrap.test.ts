import { describe, expect, it } from "vitest";
import { Random } from "../link/random.js";
import { readPacket, readU16, readU32, types } from "../support/packets.js";
import { connectedPair } from "../support/peers.js";
import { checkSeeds, timeLimit } from "../support/seeds.js";
import type { Flow } from "../support/traffic.js";
import { randomFlows, transfer } from "../support/transfer.js";

/** Initial TSNs before which a run wraps, or crosses a power of ten (where a sort as text goes wrong). */
const edges = [2 ** 32 - 36, 2 ** 32 - 1, 0, 2 ** 31 - 20, 999_999_970, 99_990];

function startingAt(tsn: number, random: Random): { random32: () => number } {
  let draws = 0;
  // Tags must differ and not be 0; the TSN is whichever draw it is.
  return {
    random32: () => {
      draws += 1;
      return draws % 2 === 0 ? random.uint32() : tsn;
    },
  };
}

describe("numbers that wrap", () => {
  it("TSNs cross any edge under loss and reordering", timeLimit, () => {
    checkSeeds(120, (seed) => {
      const random = new Random(seed);
      const tsn = edges[seed % edges.length] ?? 0;
      const limits = { messages: 40, largestBytes: 20_000 };
      const interleaving = random.chance(0.5);
      transfer({
        seed,
        both: { delayMs: 10, loss: 0.05, jitterMs: random.pick([0, 20]), duplicate: 0.02 },
        a: { interleaving, ...constantTsn(tsn) },
        b: { interleaving, ...constantTsn(edges[(seed + 3) % edges.length] ?? 0) },
        fromA: randomFlows(random, 4, 1, limits),
        fromB: randomFlows(random, 3, 101, limits),
        withinMs: 300_000,
      });
    });
  });

  it.each([true, false])(
    "stream sequence numbers pass 65,535, with interleaving: %s",
    (interleaving) => {
      for (const ordered of [true, false]) {
        const sizes = Array.from({ length: 66_500 }, () => 12);
        const flow: Flow = { key: 1, init: { label: "", ordered }, sizes, text: false };
        const made = transfer({
          seed: 5,
          both: { delayMs: 5, jitterMs: 2, loss: 0.002 },
          peers: { interleaving },
          fromA: [flow],
          aheadBytes: 200_000,
          withinMs: 300_000,
        });
        expect(made.arrivals.get(1)?.seen.size).toBe(66_500);
      }
    },
  );

  it("stream sequence numbers wrap while messages are given up", () => {
    const sizes = Array.from({ length: 66_500 }, () => 12);
    for (const interleaving of [true, false]) {
      const made = transfer({
        seed: 6,
        both: { delayMs: 5, loss: 0.02 },
        peers: { interleaving },
        fromA: [
          { key: 1, init: { label: "", maxRetransmits: 0 }, sizes, text: false },
          { key: 2, init: { label: "" }, sizes: sizes.slice(0, 1000), text: false },
        ],
        aheadBytes: 200_000,
        withinMs: 300_000,
      });
      const seen = made.arrivals.get(1)?.seen ?? new Set();
      expect(seen.size).toBeGreaterThan(50_000);
      expect(Math.max(...[...seen].slice(-100))).toBeGreaterThan(66_000);
    }
  });
});

/** Loses each chunk once whose TSN is near 2 ** 32, or whose stream sequence number is near 2 ** 16. */
function losingAtEdges(edge: "tsn" | "ssn"): (bytes: Uint8Array) => boolean {
  const lost = new Set<number>();
  return (bytes) => {
    let isLost = false;
    for (const { type, value } of readPacket(bytes)?.chunks ?? []) {
      if (type !== types.data && type !== types.iData) continue;
      const tsn = readU32(value, 0);
      const ssn = readU16(value, 6);
      const isNear =
        edge === "tsn" ? (tsn + 4) >>> 0 < 8 : ssn > 65_500 || (lost.size > 0 && ssn < 30);
      if (!isNear || lost.has(tsn)) continue;
      lost.add(tsn);
      isLost = true;
    }
    return isLost;
  };
}

describe("at the very edge", () => {
  const limits = [{}, { maxRetransmits: 0 }, { maxRetransmits: 0, ordered: false }];

  it.each(limits)("what is lost does not stall what follows: %j", (limit) => {
    for (const interleaving of [true, false]) {
      for (let before = 1; before < 24; before += 1) {
        const init = { label: "", ...limit };
        const sizes = Array.from({ length: 30 }, (_, index) => 12 + 40 * index);
        const made = transfer({
          seed: before,
          aToB: { delayMs: 10, drop: losingAtEdges("tsn") },
          peers: { interleaving, ...constantTsn(2 ** 32 - before) },
          fromA: [{ key: 1, init, sizes, text: false }],
          withinMs: 10_000,
        });
        const seen = made.arrivals.get(1)?.seen ?? new Set();
        expect(seen.has(29)).toBe(true);
        expect(seen.size).toBeGreaterThan(5);
      }
    }
  });

  it.each(limits.slice(0, 2))("messages numbered around 65,536 keep their order: %j", (limit) => {
    const sizes = Array.from({ length: 65_700 }, () => 12);
    const made = transfer({
      seed: 1,
      aToB: { delayMs: 10, drop: losingAtEdges("ssn") },
      peers: { interleaving: false },
      fromA: [{ key: 1, init: { label: "", ...limit }, sizes, text: false }],
      aheadBytes: 200_000,
      withinMs: 60_000,
    });
    const seen = made.arrivals.get(1)?.seen ?? new Set();
    expect(seen.has(65_699)).toBe(true);
    expect(seen.size).toBeGreaterThan(65_000);
  });

  it("a channel closes there, with its last messages lost at first", () => {
    for (let before = 1; before < 24; before += 1) {
      const { link, a, b } = connectedPair({
        seed: before,
        both: { delayMs: 10, drop: losingAtEdges("tsn") },
        peers: constantTsn(2 ** 32 - before),
      });
      const heard: string[] = [];
      b.onChannel = (channel) => {
        channel.bind({
          open: () => {},
          message: (data) => heard.push(String(data)),
          drained: () => {},
          closed: () => heard.push("closed"),
        });
      };
      const channel = a.channels.open({ label: "x" }, link.now);
      for (let count = 0; count < 12; count += 1) channel.send(`${count}`, link.now);
      channel.close(link.now);
      expect(link.run(() => heard.includes("closed"), 10_000)).toBe(true);
      expect(heard).toEqual([...Array.from({ length: 12 }, (_, at) => `${at}`), "closed"]);
    }
  });
});

/** Every draw is near the edge: whichever of them becomes the TSN. */
function constantTsn(tsn: number): { random32: () => number } {
  return { random32: () => (tsn === 0 ? 2 ** 32 - 2 : tsn) };
}

it("an association whose every random number is the same still connects", () => {
  const random = new Random(1);
  const fromA = randomFlows(random, 2, 1, { messages: 3, largestBytes: 100 });
  const made = transfer({ seed: 1, peers: startingAt(7, random), fromA, withinMs: 10_000 });
  expect(made.a.state).toBe("connected");
});
