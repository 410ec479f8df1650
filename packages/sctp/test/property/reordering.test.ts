import { describe, expect, it } from "vitest";
import { checkSeeds, timeLimit } from "../support/seeds.js";
import type { Flow } from "../support/traffic.js";
import { transfer, type Transfer } from "../support/transfer.js";

interface RunOptions {
  readonly seed: number;
  readonly jitterMs: number;
  readonly init?: Omit<Flow["init"], "label">;
  readonly bytes?: number;
}

/** 1.5 MB over a path whose round trip is 40 ms and more. */
function run({ seed, jitterMs, init = {}, bytes = 10_000 }: RunOptions): Transfer {
  const sizes = Array.from({ length: 1_500_000 / bytes }, () => bytes);
  return transfer({
    seed,
    both: { delayMs: 20, jitterMs, bytesPerMs: 5000, queueBytes: 1_000_000 },
    fromA: [{ key: 1, init: { label: "", ...init }, sizes, text: false }],
    withinMs: 60_000,
  });
}

/** Times of some runs, added up. */
function time(jitterMs: number): number {
  let total = 0;
  for (let seed = 1; seed <= 5; seed += 1) {
    const { startedAt, endedAt } = run({ seed, jitterMs });
    total += endedAt - startedAt;
  }
  return total;
}

describe("a path that reorders", () => {
  it("is nearly as fast as one that does not", timeLimit, () => {
    const straight = time(0);
    for (const jitterMs of [1, 5, 20]) expect(time(jitterMs)).toBeLessThan(2.5 * straight);
  });

  it("is found out after a few packets that were sent twice", timeLimit, () => {
    checkSeeds(6, (seed) => {
      for (const jitterMs of [1, 5, 20]) {
        const { a } = run({ seed, jitterMs });
        expect(a.association.stats().retransmissions).toBeLessThan(100);
      }
    });
  });

  it("costs messages that are sent once at its beginning only", timeLimit, () => {
    checkSeeds(6, (seed) => {
      const init = { maxRetransmits: 0, ordered: false };
      const { arrivals } = run({ seed, jitterMs: 5, init, bytes: 1000 });
      expect(arrivals.get(1)?.seen.size).toBeGreaterThan(1200);
    });
  });
});
