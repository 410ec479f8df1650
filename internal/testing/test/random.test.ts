import { describe, expect, it } from "vitest";
import { seededRandom } from "../src/index.js";

function draw(seed: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: 8 }, () => random());
}

describe("seeded random", () => {
  it("repeats itself with the same seed and differs with another", () => {
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it("stays in [0, 1) and spreads evenly", () => {
    const random = seededRandom(7);
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 10_000; i += 1) {
      const value = random();
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThan(1);
      const tenth = Math.floor(value * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});
