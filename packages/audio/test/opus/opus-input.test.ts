import { describe, expect, it } from "vitest";
import { collectAll } from "@conic/internal-testing";
import { encodeWav, opusInput, readWav } from "../../src/index.js";
import { joined } from "../support/floats.js";
import { fitSine, sine } from "../support/sine.js";

describe("opusInput", () => {
  it.each([
    [8_000, 1],
    [22_050, 2],
    [44_100, 1],
    [44_100, 2],
    [48_000, 2],
    [96_000, 2],
  ] as const)("gives 48 kHz from %i Hz on %i channels", async (sampleRate, channels) => {
    const frames = sampleRate / 2;
    const wave = sine(997, sampleRate, frames, 0.5);
    const file = encodeWav(
      Array.from({ length: channels }, () => wave),
      {
        channels,
        sampleRate,
        encoding: "float",
        bitsPerSample: 32,
      },
    );
    const samples = joined(await collectAll(opusInput(await readWav(file))));
    expect(samples.length).toBe(24_000 * channels);
    const last = samples.filter((_, i) => i % channels === channels - 1);
    const fit = fitSine(last.subarray(2_000, -2_000), 997, 48_000);
    expect(fit.amplitude).toBeCloseTo(0.5, 4);
    expect(fit.snrDb).toBeGreaterThan(100);
  });

  it("mixes to the channels that are asked for", async () => {
    const left = new Float32Array(4_800).fill(0.5);
    const right = new Float32Array(4_800).fill(-0.25);
    const stereo = encodeWav([left, right], { channels: 2, sampleRate: 48_000 });
    const mono = joined(await collectAll(opusInput(await readWav(stereo), { channels: 1 })));
    expect(mono.length).toBe(4_800);
    for (const value of mono) expect(value).toBeCloseTo(0.125, 4);
    const single = encodeWav([left], { channels: 1, sampleRate: 48_000 });
    const both = joined(await collectAll(opusInput(await readWav(single), { channels: 2 })));
    expect(both.length).toBe(9_600);
    for (const value of both) expect(value).toBeCloseTo(0.5, 4);
  });

  it("takes six channels for stereo", async () => {
    const block = Float32Array.from({ length: 6 * 4_800 }, (_, i) => 0.9 * Math.sin(i / 600));
    const file = encodeWav(block, { channels: 6, sampleRate: 48_000 });
    const samples = joined(await collectAll(opusInput(await readWav(file))));
    expect(samples.length).toBe(9_600);
    expect(samples.reduce((most, x) => Math.max(most, Math.abs(x)), 0)).toBeGreaterThan(0.7);
  });

  it("refuses a rate that no resampler takes", async () => {
    const file = encodeWav(new Float32Array(10), { channels: 1, sampleRate: 500 });
    const reader = await readWav(file);
    expect(() => opusInput(reader)).toThrow(expect.objectContaining({ code: "invalid_argument" }));
  });

  it("closes the reader when the loop is left", async () => {
    let ended = false;
    const file = encodeWav(new Float32Array(100_000), { channels: 1, sampleRate: 44_100 });
    function* pieces(): Generator<Uint8Array> {
      try {
        for (let at = 0; at < file.length; at += 4_096) yield file.subarray(at, at + 4_096);
      } finally {
        ended = true;
      }
    }
    for await (const block of opusInput(await readWav(pieces()))) {
      expect(block.length).toBeGreaterThan(0);
      break;
    }
    expect(ended).toBe(true);
  });
});
