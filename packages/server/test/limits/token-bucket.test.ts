import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bucketSpec, perMinute, refillMs, TokenBucket } from "../../src/limits/token-bucket.js";

const spec = { burst: 5, perMs: 0.1 };

describe("a token bucket", () => {
  it("holds its burst, and not one more", () => {
    const bucket = new TokenBucket(spec, 0);
    for (let i = 0; i < 5; i += 1) expect(bucket.take(1, 0)).toBe(0);
    expect(bucket.take(1, 0)).toBe(10);
  });

  it("fills at its rate: the time that it says is the time it takes", () => {
    const bucket = new TokenBucket(spec, 0);
    bucket.take(5, 0);
    expect(bucket.take(2, 0)).toBe(20);
    expect(bucket.take(2, 19)).toBeCloseTo(1);
    expect(bucket.take(2, 20)).toBe(0);
  });

  it("takes nothing when it refuses", () => {
    const bucket = new TokenBucket(spec, 0);
    expect(bucket.take(6, 0)).toBe(Infinity);
    expect(bucket.take(5, 0)).toBe(0);
  });

  it("is never more than full", () => {
    const bucket = new TokenBucket(spec, 0);
    bucket.take(5, 0);
    expect(bucket.take(5, 1_000_000)).toBe(0);
    expect(bucket.take(1, 1_000_000)).toBe(10);
  });

  it("is full again after the time that the spec says", () => {
    expect(refillMs(spec)).toBe(50);
    expect(perMinute(30)).toEqual({ burst: 30, perMs: 0.0005 });
    expect(refillMs({ burst: 30, perMs: 0.0005 })).toBe(60_000);
  });

  it("is not there for a rate of 0", () => {
    expect(bucketSpec(0, 10)).toBeUndefined();
    expect(perMinute(0)).toBeUndefined();
    expect(bucketSpec(100, 10)).toEqual({ burst: 10, perMs: 0.1 });
  });

  it("gives no more than burst + rate · t in any time t", () => {
    const steps = fc.array(
      fc.record({ wait: fc.nat(200), tokens: fc.integer({ min: 1, max: 7 }) }),
    );
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 50 }), (sequence, perSecond) => {
        const rate = { burst: 10, perMs: perSecond / 1000 };
        const bucket = new TokenBucket(rate, 0);
        const taken: { atMs: number; tokens: number }[] = [];
        let atMs = 0;
        for (const { wait, tokens } of sequence) {
          atMs += wait;
          if (bucket.take(tokens, atMs) === 0) taken.push({ atMs, tokens });
        }
        for (const [i, first] of taken.entries()) {
          let sum = 0;
          for (const { atMs: lastMs, tokens } of taken.slice(i)) {
            sum += tokens;
            const most = rate.burst + rate.perMs * (lastMs - first.atMs);
            expect(sum).toBeLessThanOrEqual(most + 1e-6);
          }
        }
      }),
    );
  });
});
