import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OrderSummary } from "../../src/start/events.js";
import { FrameOrder } from "../../src/start/receive/order.js";
import { orderText } from "../../src/ui/text/summary.js";

function order(counters: readonly (number | undefined)[], broken = 0): OrderSummary {
  const seen = new FrameOrder();
  for (const counter of counters) seen.add(counter);
  for (let index = 0; index < broken; index += 1) seen.addBroken();
  return seen.summary();
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

describe("the counters of frames", () => {
  it.each([
    [upTo(900), 0, "frames 0–899 in order, 0 missing"],
    [[0, 1, 3, 4, 8], 0, "frames 0–8 in order, 4 missing (2, 5–7)"],
    [[5], 0, "frames 5 in order, 0 missing"],
    [[0, 1, 1, 0, 2], 0, "frames 0–2 2 out of order, 0 missing"],
    [
      [0, undefined, 2],
      1,
      "frames 0–2 in order, 1 missing (1), 1 frame without a counter, 1 frame that cannot be decoded",
    ],
    [[undefined], 0, "no frame with a counter, 1 frame without a counter"],
    [[], 0, "no frame with a counter"],
  ])("%j", (counters, broken, text) => {
    expect(orderText(order(counters, broken))).toBe(text);
  });

  it("many gaps are counted, and the first of them shown", () => {
    const even = upTo(5000).map((index) => index * 2);
    const seen = order(even);
    expect(seen.missingCount).toBe(4999);
    expect(seen.missing).toHaveLength(1000);
    expect(orderText(seen)).toMatch(/4999 missing \(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, \.\.\.\)$/);
  });

  it("what came and what is missing is everything between first and last", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(500), { minLength: 1, maxLength: 200 }), (numbers) => {
        const sorted = numbers.toSorted((a, b) => a - b);
        const { first = 0, last = 0, counted, missing, missingCount, outOfOrder } = order(sorted);
        expect(counted + missingCount).toBe(last - first + 1);
        expect(outOfOrder).toBe(0);
        const gaps = missing.flatMap(([from, to]) => upTo(to - from + 1).map((n) => from + n));
        expect([...sorted, ...gaps].toSorted((a, b) => a - b)).toEqual(
          upTo(last - first + 1).map((n) => first + n),
        );
      }),
    );
  });
});
