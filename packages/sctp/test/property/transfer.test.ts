import { describe, expect, it } from "vitest";
import type { PathConditions } from "../link/path.js";
import { Random } from "../link/random.js";
import type { Peer } from "../support/peers.js";
import { checkSeeds, timeLimit } from "../support/seeds.js";
import { randomFlows, transfer, type Transfer } from "../support/transfer.js";

const kibi = 1024;

function anyConditions(random: Random): Partial<PathConditions> {
  return {
    delayMs: random.pick([0, 1, 10, 50, 150]),
    jitterMs: random.pick([0, 0, 1, 20, 100]),
    loss: random.pick([0, 0, 0.01, 0.05, 0.1]),
    duplicate: random.pick([0, 0, 0.02, 0.2]),
    bytesPerMs: random.pick([Number.POSITIVE_INFINITY, 100, 1000]),
    queueBytes: random.pick([16 * kibi, 256 * kibi]),
  };
}

function anyPeer(random: Random): { interleaving: boolean; receiveWindowBytes: number } {
  return {
    interleaving: random.chance(0.7),
    receiveWindowBytes: random.pick([64 * kibi, 256 * kibi, 4096 * kibi]),
  };
}

function expectAtRest({ a, b, link, departures }: Transfer): void {
  link.runFor(5000);
  for (const { association, faults, state } of [a, b]) {
    expect(state).toBe("connected");
    expect(association.stats().flightBytes).toBe(0);
    expect(faults).toEqual([]);
  }
  for (const { channel } of departures) expect(channel.bufferedAmount).toBe(0);
}

function packetsSent({ association }: Peer): number {
  return association.stats().packetsSent;
}

function expectSilence({ a, b, link }: Transfer): void {
  const before = packetsSent(a) + packetsSent(b);
  link.runFor(120_000);
  // Keep-alive may be heard now and then; nothing else may.
  expect(packetsSent(a) + packetsSent(b) - before).toBeLessThan(30);
}

describe("whatever the network does", () => {
  it("streams of all kinds, both ways at once, arrive as their settings promise", timeLimit, () => {
    checkSeeds(400, (seed) => {
      const random = new Random(seed);
      const limits = { messages: 40, largestBytes: 64 * kibi };
      const made = transfer({
        seed,
        aToB: anyConditions(random),
        bToA: anyConditions(random),
        a: anyPeer(random),
        b: anyPeer(random),
        fromA: randomFlows(random, 1 + random.below(6), 1, limits),
        fromB: randomFlows(random, random.below(6), 101, limits),
        withinMs: 600_000,
      });
      expectAtRest(made);
      expectSilence(made);
    });
  });

  it("messages up to 1 MiB arrive, also above the receive window", timeLimit, () => {
    checkSeeds(60, (seed) => {
      const random = new Random(seed);
      const limits = { messages: 6, largestBytes: 1024 * kibi, partial: false };
      const peers = {
        interleaving: random.chance(0.5),
        maxMessageBytes: 1024 * kibi,
        receiveWindowBytes: random.pick([32 * kibi, 128 * kibi]),
      };
      const both = {
        delayMs: random.pick([1, 25]),
        loss: random.pick([0, 0.01]),
        jitterMs: random.pick([0, 5]),
        bytesPerMs: 10_000,
      };
      const fromA = randomFlows(random, 1 + random.below(3), 1, limits);
      expectAtRest(transfer({ seed, peers, both, fromA, withinMs: 600_000 }));
    });
  });

  it("nothing is lost without loss, whatever the reliability", timeLimit, () => {
    checkSeeds(60, (seed) => {
      const random = new Random(seed);
      const limits = { messages: 40, largestBytes: 20 * kibi };
      const fromA = randomFlows(random, 5, 1, limits).map((flow) => ({
        ...flow,
        init: {
          ...flow.init,
          // Time alone makes a message too old, so that is not part of this.
          maxPacketLifeTimeMs: flow.init.maxPacketLifeTimeMs === undefined ? undefined : 600_000,
        },
      }));
      const made = transfer({ seed, peers: anyPeer(random), fromA, withinMs: 60_000 });
      for (const flow of made.arrivals.values()) expect(flow.isComplete).toBe(true);
      expect(made.a.association.stats()).toMatchObject({ abandonedMessages: 0, timeouts: 0 });
    });
  });

  it("a sender that looks at bufferedAmount keeps it bounded", timeLimit, () => {
    checkSeeds(20, (seed) => {
      const random = new Random(seed);
      const fromA = randomFlows(random, 3, 1, { messages: 200, largestBytes: 8 * kibi });
      const both = { delayMs: 20, bytesPerMs: 500, loss: 0.01 };
      const made = transfer({ seed, both, fromA, aheadBytes: 16 * kibi, withinMs: 600_000 });
      expect(made.largestBuffered).toBeLessThanOrEqual(3 * (16 + 8 + 1) * kibi);
    });
  });
});
