import { describe, expect, it } from "vitest";
import { remix } from "../../src/index.js";
import { outcome } from "../support/read.js";

/** What one frame with full scale on one channel becomes. */
function gains(channels: number, to: 1 | 2, mask?: number): number[][] {
  return Array.from({ length: channels }, (_, channel) => {
    const frame = new Float32Array(channels);
    frame[channel] = 1;
    return [...remix(frame, channels, to, mask)].map((gain) => Math.round(gain * 1_000) / 1_000);
  });
}

describe("remix", () => {
  it("gives what needs no change as it is", () => {
    const samples = Float32Array.of(1, 2);
    expect(remix(samples, 2, 2)).toBe(samples);
    expect(remix(samples, 1, 1)).toBe(samples);
  });

  it("puts mono on both sides, and takes the mean of stereo", () => {
    expect([...remix(Float32Array.of(0.25, -1), 1, 2)]).toEqual([0.25, 0.25, -1, -1]);
    expect([...remix(Float32Array.of(0.5, 1, -1, 1), 2, 1)]).toEqual([0.75, 0]);
  });

  it("mixes 5.1 down: centre and surround 3 dB lower, no low frequencies", () => {
    // Left, right, centre, low frequency, left surround, right surround; scaled by 1 + 0.707 + 0.707.
    const expected = [
      [0.414, 0],
      [0, 0.414],
      [0.293, 0.293],
      [0, 0],
      [0.293, 0],
      [0, 0.293],
    ];
    expect(gains(6, 2)).toEqual(expected);
    expect(gains(6, 2, 0x60f)).toEqual(expected);
  });

  it("goes by the mask of the file, where it has one", () => {
    expect(gains(2, 2, 0x3)).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(gains(4, 2, 0x107)).toEqual([
      [0.453, 0],
      [0, 0.453],
      [0.32, 0.32],
      [0.227, 0.227],
    ]);
  });

  it("hears channels without a place on both sides", () => {
    expect(gains(12, 2).every(([left, right]) => left === right && left === 0.083)).toBe(true);
  });

  it("never gets louder than full scale", () => {
    for (let channels = 1; channels <= 24; channels += 1) {
      for (const to of [1, 2] as const) {
        const loud = remix(new Float32Array(channels).fill(1), channels, to);
        for (const value of loud) expect(value).toBeLessThanOrEqual(1.000_001);
        expect(Math.max(...loud)).toBeGreaterThan(0.99);
      }
    }
  });

  it.each([
    [new Float32Array(3), 2],
    [new Float32Array(3), 0],
    [new Float32Array(3), 1.5],
  ])("refuses %o of %d channels", (samples, channels) => {
    expect(outcome(() => remix(samples, channels, 2))).toMatchObject({ code: "invalid_argument" });
  });
});
