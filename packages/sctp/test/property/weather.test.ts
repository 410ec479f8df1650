import { describe, expect, it } from "vitest";
import { Random } from "../link/random.js";
import { checkSeeds, timeLimit } from "../support/seeds.js";
import { randomFlows, transfer } from "../support/transfer.js";

const kibi = 1024;

describe("in bad weather", () => {
  it("30 % loss both ways is slow, and nothing more", timeLimit, () => {
    checkSeeds(40, (seed) => {
      const random = new Random(seed);
      const fromA = randomFlows(random, 3, 1, { messages: 20, largestBytes: 8 * kibi });
      const fromB = randomFlows(random, 2, 101, { messages: 20, largestBytes: 8 * kibi });
      const both = { delayMs: 25, loss: 0.3, jitterMs: random.pick([0, 20]) };
      const peers = { interleaving: random.chance(0.5) };
      transfer({ seed, both, peers, fromA, fromB, withinMs: 600_000 });
    });
  });

  it("bursts of loss pass", timeLimit, () => {
    checkSeeds(40, (seed) => {
      const random = new Random(seed);
      const fromA = randomFlows(random, 3, 1, { messages: 60, largestBytes: 16 * kibi });
      const both = { delayMs: 20, burst: { enter: 0.02, maxMs: 400 } };
      transfer({ seed, both, fromA, withinMs: 600_000 });
    });
  });

  it(
    "5 s without a network, in either direction or both, in the middle of the flow",
    timeLimit,
    () => {
      checkSeeds(60, (seed) => {
        const random = new Random(seed);
        const begin = 50 + random.below(400);
        const drop = (_packet: Uint8Array, _index: number, now: number): boolean =>
          now >= begin && now < begin + 5000;
        const direction = random.pick(["aToB", "bToA", "both"]);
        const bandwidth = { delayMs: 15, bytesPerMs: 200 };
        const fromA = randomFlows(random, 3, 1, { messages: 40, largestBytes: 16 * kibi });
        const made = transfer({
          seed,
          aToB: { ...bandwidth, ...(direction === "bToA" ? {} : { drop }) },
          bToA: { ...bandwidth, ...(direction === "aToB" ? {} : { drop }) },
          fromA,
          fromB: randomFlows(random, 2, 101, { messages: 40, largestBytes: 16 * kibi }),
          withinMs: 120_000,
        });
        // It notices that the network is back within its longest timeout, and sends the rest.
        expect(made.endedAt).toBeLessThan(begin + 5000 + 4000 + 30_000);
      });
    },
  );

  it("a path that carries less than before carries the rest all the same", timeLimit, () => {
    checkSeeds(40, (seed) => {
      const random = new Random(seed);
      const fromA = randomFlows(random, 3, 1, {
        messages: 60,
        largestBytes: 64 * kibi,
        partial: false,
      });
      const peers = {
        maxPacketBytes: random.pick([1150, 1400, 4000]),
        interleaving: random.chance(0.5),
      };
      const made = { fallen: false };
      const drop = (packet: Uint8Array, index: number): boolean => {
        made.fallen ||= index > 60;
        return made.fallen && packet.length > 1200;
      };
      transfer({ seed, aToB: { delayMs: 10, drop }, peers, fromA, withinMs: 300_000 });
    });
  });

  it("a deep queue before a slow path is not filled without end", timeLimit, () => {
    checkSeeds(15, (seed) => {
      const random = new Random(seed);
      const fromA = randomFlows(random, 2, 1, {
        messages: 30,
        largestBytes: 64 * kibi,
        partial: false,
      });
      const both = { delayMs: 20, bytesPerMs: 125, queueBytes: 64 * kibi };
      const made = transfer({ seed, both, fromA, withinMs: 600_000 });
      const { packets, overflowed } = made.link.paths.a.stats;
      expect(overflowed / packets).toBeLessThan(0.35);
    });
  });
});
