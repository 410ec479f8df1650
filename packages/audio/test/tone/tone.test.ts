import { describe, expect, it } from "vitest";
import { tone, type ToneOptions } from "../../src/index.js";
import { outcome } from "../support/read.js";

function all(options: ToneOptions): number[] {
  return [...tone(options)].flatMap((block) => [...block]);
}

function peak(samples: readonly number[]): number {
  return Math.max(...samples.map(Math.abs));
}

function noise(seed: number): number[] {
  return all({ waveform: "noise", seed, frames: 20_000, amplitude: 0.5 });
}

/** Energy at one frequency, as a part of all: 1 for a pure tone. */
function purity(samples: readonly number[], frequency: number, sampleRate: number): number {
  let [real, imaginary, energy] = [0, 0, 0];
  for (const [index, sample] of samples.entries()) {
    const angle = (2 * Math.PI * frequency * index) / sampleRate;
    real += sample * Math.cos(angle);
    imaginary += sample * Math.sin(angle);
    energy += sample * sample;
  }
  return (2 * (real * real + imaginary * imaginary)) / (samples.length * energy);
}

describe("a sine", () => {
  it("has its frequency and nothing else", () => {
    const samples = all({ frequency: 440, sampleRate: 48_000, frames: 48_000 });
    expect(purity(samples, 440, 48_000)).toBeCloseTo(1, 6);
    expect(purity(samples, 441, 48_000)).toBeLessThan(1e-6);
  });

  it("has its amplitude as the peak, 0.3 by default", () => {
    expect(peak(all({ frequency: 1000, frames: 48_000 }))).toBeCloseTo(0.3, 5);
    expect(peak(all({ frequency: 1000, frames: 48_000, amplitude: 1 }))).toBeCloseTo(1, 5);
    expect(peak(all({ frames: 100, amplitude: 0 }))).toBe(0);
  });

  it("runs on from block to block: the size of the blocks changes nothing", () => {
    const whole = all({ frames: 5000, framesPerBlock: 5000, frequency: 997.3 });
    for (const framesPerBlock of [1, 7, 960, 4999]) {
      expect(all({ frames: 5000, framesPerBlock, frequency: 997.3 })).toEqual(whole);
    }
  });

  it("does not drift: each second of a whole frequency is the same as the first", () => {
    const seconds = tone({ frequency: 440, framesPerBlock: 48_000, frames: 48_000 * 20 });
    const [first, ...others] = seconds;
    expect(others.length).toBe(19);
    for (const second of others) expect(second).toEqual(first);
  });

  it("carries the same samples on all channels", () => {
    const mono = all({ frames: 100 });
    const stereo = all({ frames: 100, channels: 2 });
    expect(stereo).toEqual(mono.flatMap((sample) => [sample, sample]));
  });
});

describe("a tone", () => {
  it("has as many frames as asked for, in blocks of which the last is the rest", () => {
    const sizes = [...tone({ frames: 2000 })].map(({ length }) => length);
    expect(sizes).toEqual([960, 960, 80]);
    expect([...tone({ frames: 0 })]).toEqual([]);
  });

  it("has no end by default", () => {
    const endless = tone();
    for (let count = 0; count < 1000; count += 1) {
      expect(endless.next()).toMatchObject({ done: false, value: { length: 960 } });
    }
    expect(endless.return?.()).toMatchObject({ done: true });
  });

  it("may be square, silent or noise", () => {
    const square = { waveform: "square", frequency: 1000, sampleRate: 8000, frames: 16 } as const;
    const period = [0.5, 0.5, 0.5, 0.5, -0.5, -0.5, -0.5, -0.5];
    expect(all({ ...square, amplitude: 0.5 })).toEqual([...period, ...period]);
    expect(all({ waveform: "silence", frames: 3 })).toEqual([0, 0, 0]);
  });

  it("of noise is the same for the same seed, flat, and within its amplitude", () => {
    const samples = noise(7);
    expect(noise(7)).toEqual(samples);
    expect(noise(8)).not.toEqual(samples);
    expect(peak(samples)).toBeLessThanOrEqual(0.5);
    const mean = samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    // Uniform noise: mean 0, power a third of the peak's.
    expect(Math.abs(mean)).toBeLessThan(0.01);
    expect(power).toBeCloseTo(0.25 / 3, 2);
    for (const frequency of [100, 5000, 20_000]) {
      expect(purity(samples, frequency, 48_000)).toBeLessThan(0.002);
    }
  });

  it.each<[string, ToneOptions, ToneOptions]>([
    ["frequency", { frequency: 23_999 }, { frequency: 24_000 }],
    ["frequency above 0", { frequency: 0.001 }, { frequency: 0 }],
    ["sampleRate", { sampleRate: 881 }, { sampleRate: 0 }],
    ["amplitude", { amplitude: 1 }, { amplitude: 1.0001 }],
    ["amplitude from 0", { amplitude: 0 }, { amplitude: -0.1 }],
    ["frames", { frames: 0 }, { frames: 0.5 }],
    ["channels", { channels: 256 }, { channels: 257 }],
    ["framesPerBlock", { framesPerBlock: 2 ** 20, frames: 1 }, { framesPerBlock: 2 ** 20 + 1 }],
    ["a number that is one", {}, { frequency: Number.NaN }],
  ])("has a limit on %s", (_, right, wrong) => {
    expect(outcome(() => typeof tone(right).next().done)).toBe("boolean");
    // At once, not at the first block.
    expect(outcome(() => tone(wrong))).toMatchObject({ code: "invalid_argument" });
  });
});
