import type { VideoFrame } from "@conic/domain";
import { performance } from "node:perf_hooks";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkerPattern, countedPattern, psnr, readFrameCounter } from "../src/index.js";
import { flatFrame } from "./support/files.js";

/** Every other line and column, as a cheap scaler takes them. */
function halved(frame: VideoFrame): VideoFrame {
  const width = frame.codedWidth / 2;
  const height = frame.codedHeight / 2;
  const half = flatFrame(width, height, 0);
  half.data.forEach((_, at) => {
    if (at >= width * height) return;
    const x = (at % width) * 2;
    const y = Math.floor(at / width) * 2;
    half.data[at] = frame.data[y * frame.codedWidth + x] ?? 0;
  });
  return half;
}

describe("the counted pattern", () => {
  it.each([
    [640, 480],
    [1_280, 720],
    [320, 240],
    [176, 144],
    [641, 359],
    [64, 64],
  ])("is read back at %ix%i", (width, height) => {
    const pattern = countedPattern({ width, height });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (n) => {
        const frame = pattern.frameAt(n);
        expect(frame.data).toHaveLength(
          width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2),
        );
        expect(readFrameCounter(frame)).toBe(n);
      }),
      { numRuns: 20 },
    );
  });

  it.each([0, 1, 0x7fffffff, 0x80000000, 0xffffffff])("is read back at frame %i", (n) => {
    expect(readFrameCounter(countedPattern({ width: 64, height: 64 }).frameAt(n))).toBe(n);
  });

  it("is read back at half the size", () => {
    expect(readFrameCounter(halved(countedPattern().frameAt(4_711)))).toBe(4_711);
  });

  it("moves, and is the same for the same number", () => {
    const pattern = countedPattern({ width: 160, height: 120 });
    expect(pattern.frameAt(7).data).toEqual(pattern.frameAt(7).data);
    expect(psnr(pattern.frameAt(7), pattern.frameAt(8))).toBeLessThan(30);
    expect(pattern.frameAt(7).data.subarray(160 * 120)).not.toEqual(
      pattern.frameAt(8).data.subarray(160 * 120),
    );
  });

  it("times its frames without adding errors up", () => {
    const pattern = countedPattern({ width: 64, height: 64, framerate: 29.97 });
    expect(pattern.frameRate).toEqual({ numerator: 30_000, denominator: 1_001 });
    expect(pattern.frameAt(30_000).timestamp).toBe(1_001_000_000);
    expect(pattern.frameAt(1)).toMatchObject({ timestamp: 33_367, duration: 33_366 });
  });

  it("paints a picture of 640x480 in less than 1.5 ms", () => {
    const pattern = countedPattern();
    // The best of many: a busy machine slows some, but not all.
    let best = Infinity;
    for (let n = 0; n < 2_000 && best >= 1.5; n += 1) {
      const start = performance.now();
      pattern.frameAt(n);
      best = Math.min(best, performance.now() - start);
    }
    expect(best).toBeLessThan(1.5);
  });

  it.each([
    ["black", flatFrame(640, 480, 16)],
    ["white", flatFrame(640, 480, 235)],
    ["grey", flatFrame(640, 480, 126)],
    ["the chessboard", checkerPattern().frameAt(0)],
    ["a very small picture", flatFrame(16, 16, 16)],
  ])("is not found in %s", (_, frame) => {
    expect(readFrameCounter(frame)).toBeUndefined();
  });

  it("is not read where one cell is wrong", () => {
    const frame = countedPattern().frameAt(99);
    for (let y = 0; y < 30; y += 1) {
      const start = y * 640 + 40;
      for (let at = start; at < start + 40; at += 1) frame.data[at] = 251 - (frame.data[at] ?? 0);
    }
    expect(readFrameCounter(frame)).toBeUndefined();
  });

  it.each([{ width: 63 }, { height: 63 }, { width: 100.5 }, { framerate: -1 }])(
    "refuses %o",
    (options) => {
      expect(() => countedPattern(options)).toThrow(
        expect.objectContaining({ code: "invalid_argument" }),
      );
    },
  );

  it.each([-1, 0.5, 0x100000000, Number.NaN])("refuses frame %d", (n) => {
    expect(() => countedPattern().frameAt(n)).toThrow(
      expect.objectContaining({ code: "invalid_argument" }),
    );
  });
});

describe("the chessboard", () => {
  it("is black and white, and changes once a second", () => {
    const pattern = checkerPattern({ width: 64, height: 48, framerate: 10, squareSize: 16 });
    const luma = (n: number): number[] => {
      const { data } = pattern.frameAt(n);
      return [0, 15, 16, 64 * 16].map((at) => data[at] ?? -1);
    };
    expect(luma(0)).toEqual([235, 235, 16, 16]);
    expect(luma(9)).toEqual(luma(0));
    expect(luma(10)).toEqual([16, 16, 235, 235]);
    expect(luma(20)).toEqual(luma(0));
    expect(
      pattern
        .frameAt(0)
        .data.subarray(64 * 48)
        .every((value) => value === 128),
    ).toBe(true);
  });

  it("gives each frame memory of its own", () => {
    const pattern = checkerPattern({ width: 16, height: 16 });
    pattern.frameAt(0).data.fill(0);
    expect(pattern.frameAt(0).data[0]).toBe(235);
  });
});

describe("psnr", () => {
  it("is infinite for equal pictures and falls with the square of the difference", () => {
    expect(psnr(flatFrame(5, 5, 100), flatFrame(5, 5, 100))).toBe(Infinity);
    expect(psnr(flatFrame(5, 5, 100), flatFrame(5, 5, 101))).toBeCloseTo(48.13, 2);
    expect(psnr(flatFrame(5, 5, 100), flatFrame(5, 5, 110))).toBeCloseTo(28.13, 2);
  });

  it("refuses pictures of different sizes, and pictures without all of their bytes", () => {
    const invalid = expect.objectContaining({ code: "invalid_argument" }) as Error;
    expect(() => psnr(flatFrame(4, 4, 0), flatFrame(4, 5, 0))).toThrow(invalid);
    const cutOff = { ...flatFrame(4, 4, 0), data: new Uint8Array(23) };
    expect(() => psnr(flatFrame(4, 4, 0), cutOff)).toThrow(invalid);
    expect(() => readFrameCounter(cutOff)).toThrow(invalid);
  });
});
