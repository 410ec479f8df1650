import { describe, expect, it } from "vitest";
import { kernelFor, ratioOf } from "../../src/resample/kernel.js";

describe("the table of a ratio", () => {
  it("is made once for all resamplers with that ratio", () => {
    expect(kernelFor(ratioOf(44_100, 48_000))).toBe(kernelFor(ratioOf(88_200, 96_000)));
    expect(kernelFor(ratioOf(44_100, 48_000))).not.toBe(kernelFor(ratioOf(48_000, 44_100)));
  });

  it("lists every position of the usual rates", () => {
    for (const from of [8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 96_000, 192_000]) {
      expect(kernelFor(ratioOf(from, 48_000)).blended).toBe(false);
    }
  });

  it("takes 768 KiB at most, however odd the ratio is", () => {
    for (const [from, to] of [
      [44_099, 48_000],
      [1_000, 767_999],
      [767_999, 1_000],
      [768_000, 1_000],
      [47_999, 48_000],
      [37_801, 44_101],
    ] as const) {
      expect(kernelFor(ratioOf(from, to)).table.byteLength).toBeLessThanOrEqual(768 * 1_024);
    }
  });

  it("is dropped when sixteen others were used since", () => {
    const first = kernelFor(ratioOf(5_000, 48_000));
    for (let i = 1; i <= 15; i += 1) kernelFor(ratioOf(5_000 + i, 48_000));
    expect(kernelFor(ratioOf(5_000, 48_000))).toBe(first);
    for (let i = 1; i <= 16; i += 1) kernelFor(ratioOf(5_000 + i, 48_000));
    expect(kernelFor(ratioOf(5_000, 48_000))).not.toBe(first);
  });
});
