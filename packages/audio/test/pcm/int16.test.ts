import { describe, expect, it } from "vitest";
import { floatToInt16, int16ToFloat } from "../../src/index.js";

describe("floatToInt16", () => {
  it("rounds to the nearest and clips", () => {
    const floats = Float32Array.of(
      0,
      0.5,
      -0.5,
      1,
      -1,
      2,
      -2,
      0.4 / 32_768,
      0.6 / 32_768,
      -0.6 / 32_768,
    );
    expect([...floatToInt16(floats)]).toEqual([
      0, 16_384, -16_384, 32_767, -32_768, 32_767, -32_768, 0, 1, -1,
    ]);
  });

  it("makes silence of NaN, and full scale of infinity", () => {
    const floats = Float32Array.of(Number.NaN, Infinity, -Infinity);
    expect([...floatToInt16(floats)]).toEqual([0, 32_767, -32_768]);
  });

  it("undoes int16ToFloat for all 65536 values", () => {
    const all = Int16Array.from({ length: 65_536 }, (_, index) => index - 32_768);
    expect(floatToInt16(int16ToFloat(all))).toEqual(all);
  });

  it("fills a target, and refuses one that is too short", () => {
    const target = new Int16Array(4).fill(7);
    expect(floatToInt16(Float32Array.of(0.5), target).buffer).toBe(target.buffer);
    expect([...target]).toEqual([16_384, 7, 7, 7]);
    expect(() => floatToInt16(new Float32Array(5), target)).toThrow(/5 are needed/);
    expect(() => int16ToFloat(new Int16Array(2), new Float32Array(1))).toThrow(/2 are needed/);
  });
});
