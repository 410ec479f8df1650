import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sequenceDelta, timestampDelta, unwrapSequence, unwrapTimestamp } from "../../src/index.js";

describe("sequence numbers", () => {
  it.each([
    [0, 1, 1],
    [1, 0, -1],
    [65_535, 0, 1],
    [0, 65_535, -1],
    [0, 32_767, 32_767],
    [0, 32_768, -32_768],
    [40_000, 40_000, 0],
  ])("from %i to %i it is %i", (from, to, expected) => {
    expect(sequenceDelta(from, to)).toBe(expected);
  });

  it("are counted on however often they go round", () => {
    const steps = fc.array(fc.integer({ min: -32_768, max: 32_767 }), { maxLength: 100 });
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 40 }), steps, (first, moves) => {
        let count = first;
        for (const move of moves) {
          const next = count + move;
          const wire = ((next % 65_536) + 65_536) % 65_536;
          expect(unwrapSequence(count, wire)).toBe(next);
          count = next;
        }
      }),
    );
  });
});

describe("timestamps", () => {
  it.each([
    [0, 1, 1],
    [2 ** 32 - 1, 0, 1],
    [0, 2 ** 32 - 1, -1],
    [0, 2 ** 31 - 1, 2 ** 31 - 1],
    [0, 2 ** 31, -(2 ** 31)],
  ])("from %i to %i it is %i", (from, to, expected) => {
    expect(timestampDelta(from, to)).toBe(expected);
  });

  it("are counted on however often they go round", () => {
    const steps = fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { maxLength: 100 });
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 50 }), steps, (first, moves) => {
        let count = first;
        for (const move of moves) {
          const next = count + move;
          const wire = ((next % 2 ** 32) + 2 ** 32) % 2 ** 32;
          expect(unwrapTimestamp(count, wire)).toBe(next);
          count = next;
        }
      }),
    );
  });
});
