import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backoffDelayMs } from "../../src/reconnect/backoff.js";

const almostOne = (): number => 1 - Number.EPSILON / 2;

describe("back-off", () => {
  it("doubles its upper bound from 100 ms to 10 s", () => {
    const bounds = [1, 2, 3, 7, 9, 10, 5000].map((attempt) => backoffDelayMs(attempt, almostOne));
    expect(bounds.map((bound) => Math.round(bound))).toEqual([
      100, 200, 400, 6400, 10_000, 10_000, 10_000,
    ]);
  });

  it("takes a random part of the bound, down to nothing", () => {
    expect(backoffDelayMs(3, () => 0)).toBe(0);
    expect(backoffDelayMs(3, () => 0.5)).toBe(200);
  });

  it("stays between 0 and the limits, for any attempt and options", () => {
    const options = fc.record({
      initialMs: fc.integer({ min: 0, max: 1000 }),
      maxMs: fc.integer({ min: 1000, max: 100_000 }),
      factor: fc.double({ min: 1, max: 10, noNaN: true }),
    });
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), random, options, (attempt, value, given) => {
        const delay = backoffDelayMs(attempt, () => value, given);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(given.maxMs);
        expect(delay).toBeLessThanOrEqual(attempt <= 1 ? given.initialMs : given.maxMs);
      }),
    );
  });

  it.each([
    { initialMs: -1 },
    { factor: 0.5 },
    { initialMs: 200, maxMs: 100 },
    { maxMs: Number.NaN },
  ])("refuses %o", (options) => {
    expect(() => backoffDelayMs(1, almostOne, options)).toThrow(/back-off needs/);
  });
});
