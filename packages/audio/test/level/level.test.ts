import { describe, expect, it } from "vitest";
import { decibels, levelOf } from "../../src/index.js";
import { sine } from "../support/sine.js";

describe("levelOf", () => {
  it("measures a sine", () => {
    const { peak, rms } = levelOf(sine(1_000, 48_000, 48_000, 0.5));
    expect(peak).toBeCloseTo(0.5, 6);
    expect(rms).toBeCloseTo(0.5 * Math.SQRT1_2, 6);
    expect(decibels(rms)).toBeCloseTo(-9.031, 3);
  });

  it("takes the largest distance from 0, on either side", () => {
    expect(levelOf(Float32Array.of(0.25, -0.75, 0.5)).peak).toBe(0.75);
  });

  it("has 0 for silence and for nothing", () => {
    expect(levelOf(new Float32Array(10))).toEqual({ peak: 0, rms: 0 });
    expect(levelOf(new Float32Array(0))).toEqual({ peak: 0, rms: 0 });
  });
});

describe("decibels", () => {
  it("is relative to full scale", () => {
    expect(decibels(1)).toBe(0);
    expect(decibels(0.5)).toBeCloseTo(-6.02, 2);
    expect(decibels(0)).toBe(-Infinity);
  });
});
