import { isConicError } from "@conic/domain";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Resampler, type ResamplerOptions } from "../../src/index.js";
import { joined } from "../support/floats.js";
import { outcome } from "../support/read.js";
import { decibelsOf, fitSine, rmsOf, sine } from "../support/sine.js";

/** The whole of `input`, in blocks of `blockFrames`. */
function resampled(
  options: ResamplerOptions,
  input: Float32Array,
  blockFrames = 882,
): Float32Array {
  const resampler = new Resampler(options);
  const parts: Float32Array[] = [];
  const step = blockFrames * options.channels;
  for (let at = 0; at < input.length; at += step) {
    parts.push(resampler.process(input.subarray(at, at + step)));
  }
  parts.push(resampler.flush());
  return joined(parts);
}

/** Without the edges, where the input starts and stops at once. */
function steady(samples: Float32Array): Float32Array {
  return samples.subarray(2_000, -2_000);
}

describe("quality", () => {
  const rates = [
    [44_100, 48_000],
    [48_000, 44_100],
    [44_099, 48_000],
    [96_000, 48_000],
  ] as const;
  for (const [from, to] of rates) {
    it(`keeps tones of 1 to 18 kHz clean and flat from ${from} to ${to} Hz`, () => {
      for (const frequency of [1_000, 6_000, 10_000, 15_000, 18_000]) {
        const out = steady(resampled({ from, to, channels: 1 }, sine(frequency, from, from / 2)));
        const { snrDb, amplitude } = fitSine(out, frequency, to);
        expect(snrDb, `${frequency} Hz`).toBeGreaterThan(100);
        expect(Math.abs(decibelsOf(amplitude / 0.9)), `${frequency} Hz`).toBeLessThan(0.01);
      }
    });
  }

  it("keeps tones of 8 kHz files clean and flat up to 3.6 kHz", () => {
    for (const frequency of [300, 2_000, 3_600]) {
      const out = resampled(
        { from: 8_000, to: 48_000, channels: 1 },
        sine(frequency, 8_000, 8_000),
      );
      const { snrDb, amplitude } = fitSine(steady(out), frequency, 48_000);
      expect(snrDb).toBeGreaterThan(100);
      expect(Math.abs(decibelsOf(amplitude / 0.9))).toBeLessThan(0.01);
    }
  });

  it.each([
    [48_000, 44_100, 23_500],
    [96_000, 48_000, 30_000],
    [96_000, 48_000, 47_000],
    [192_000, 48_000, 90_000],
    [96_000, 44_099, 35_000],
  ])("removes from %i to %i Hz a tone of %i Hz that would fold back", (from, to, frequency) => {
    const input = sine(frequency, from, from / 2);
    const out = steady(resampled({ from, to, channels: 1 }, input));
    expect(decibelsOf(rmsOf(out) / rmsOf(input))).toBeLessThan(-95);
  });

  it("passes a constant unchanged", () => {
    const out = resampled(
      { from: 11_025, to: 48_000, channels: 1 },
      new Float32Array(11_025).fill(0.5),
    );
    for (const value of steady(out)) expect(Math.abs(value - 0.5)).toBeLessThan(1e-6);
  });
});

describe("timing", () => {
  it.each([
    [44_100, 48_000],
    [48_000, 44_100],
    [8_000, 48_000],
    [192_000, 48_000],
    [44_099, 48_000],
  ])("puts output frame n where the input is at n × %i / %i", (from, to) => {
    const frequency = 1_000;
    const out = resampled({ from, to, channels: 1 }, sine(frequency, from, from / 2));
    const expected = sine(frequency, to, out.length);
    let worst = 0;
    for (let n = 2_000; n < out.length - 2_000; n += 1) {
      worst = Math.max(worst, Math.abs((out[n] ?? 0) - (expected[n] ?? 0)));
    }
    expect(worst).toBeLessThan(1e-5);
  });

  it("gives the same samples whatever the blocks are, and ⌈frames × to / from⌉ of them", () => {
    const rate = fc.constantFrom(8_000, 11_025, 44_099, 44_100, 48_000, 96_000);
    const property = fc.property(
      rate,
      rate,
      fc.constantFrom(1, 2, 3),
      fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 8 }),
      (from, to, channels, blocks) => {
        const frames = blocks.reduce((sum, block) => sum + block, 0);
        const input = sine(997, from, frames * channels);
        const whole = resampled({ from, to, channels }, input, 1_000_000);
        const resampler = new Resampler({ from, to, channels });
        const parts: Float32Array[] = [];
        let at = 0;
        for (const block of blocks) {
          parts.push(resampler.process(input.subarray(at, at + block * channels)));
          at += block * channels;
        }
        parts.push(resampler.flush());
        expect(whole.length).toBe(Math.ceil((frames * to) / from) * channels);
        expect(joined(parts)).toEqual(whole);
      },
    );
    fc.assert(property, { numRuns: 60 });
  });

  it("keeps the channels apart", () => {
    const left = sine(440, 44_100, 4_410);
    const right = sine(3_000, 44_100, 4_410);
    const third = new Float32Array(4_410).fill(0.25);
    for (const signals of [
      [left, right],
      [left, right, third],
    ]) {
      const channels = signals.length;
      const input = Float32Array.from({ length: 4_410 * channels }, (_, i) => {
        return signals[i % channels]?.[Math.floor(i / channels)] ?? 0;
      });
      const out = resampled({ from: 44_100, channels }, input);
      for (const [channel, signal] of signals.entries()) {
        const mine = out.filter((_, i) => i % channels === channel);
        const alone = resampled({ from: 44_100, channels: 1 }, signal);
        for (const [n, value] of alone.entries()) expect(mine[n]).toBeCloseTo(value, 6);
      }
    }
  });

  it("takes one huge block", () => {
    const input = sine(1_000, 44_100, 100_000);
    const out = new Resampler({ from: 44_100, channels: 1 }).process(input);
    expect(fitSine(steady(out), 1_000, 48_000).snrDb).toBeGreaterThan(100);
  });

  it("starts anew after flush", () => {
    const resampler = new Resampler({ from: 22_050, channels: 1 });
    const run = (): number[] => {
      const body = resampler.process(sine(500, 22_050, 3_000));
      return [...body, ...resampler.flush()];
    };
    const first = run();
    expect(run()).toEqual(first);
    expect([...resampler.flush()]).toEqual([]);
  });

  it("copies what needs no change", () => {
    const input = sine(500, 48_000, 100);
    const resampler = new Resampler({ from: 48_000, channels: 1 });
    const out = resampler.process(input);
    expect(out).toEqual(input);
    expect(out.buffer).not.toBe(input.buffer);
    expect(resampler.flush().length).toBe(0);
  });
});

describe("limits", () => {
  it.each([
    [{ from: 999, channels: 1 }, "from is a whole number from 1000 to 768000, not 999"],
    [{ from: 768_001, channels: 1 }, "from is"],
    [{ from: 44_100.5, channels: 1 }, "from is"],
    [{ from: 44_100, to: 0, channels: 1 }, "to is"],
    [{ from: 44_100, to: 768_001, channels: 1 }, "to is"],
    [{ from: 44_100, channels: 0 }, "channels is a whole number from 1 to 256, not 0"],
    [{ from: 44_100, channels: 257 }, "channels is"],
  ])("refuses %o", (options, message) => {
    const error = outcome(() => new Resampler(options));
    expect(isConicError(error, "invalid_argument")).toBe(true);
    expect(String(error)).toContain(message);
  });

  it("refuses a partial frame", () => {
    const resampler = new Resampler({ from: 44_100, channels: 2 });
    const error = outcome(() => resampler.process(new Float32Array(3)));
    expect(isConicError(error, "invalid_argument")).toBe(true);
  });

  it("works at the ends of the range, for ratios of every kind", () => {
    const pairs = [
      [1_000, 768_000],
      [768_000, 1_000],
      [767_999, 1_000],
      [1_000, 767_999],
    ] as const;
    for (const [from, to] of pairs) {
      const frames = from / 4;
      const out = resampled({ from, to, channels: 256 }, new Float32Array(256 * 8), 8);
      expect(out.length).toBe(256 * Math.ceil((8 * to) / from));
      const tone = resampled({ from, to, channels: 1 }, sine(100, from, frames), 4_096);
      const middle = tone.subarray(Math.floor(tone.length * 0.4), Math.ceil(tone.length * 0.6));
      expect(fitSine(middle, 100, to).snrDb).toBeGreaterThan(80);
    }
  });
});
