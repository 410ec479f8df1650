import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeWav, encodeWav, type WavSpec } from "../../src/index.js";

const formats: readonly (Omit<WavSpec, "channels" | "sampleRate"> & { error: number })[] = [
  { encoding: "pcm", bitsPerSample: 8, error: 2 ** -8 },
  { encoding: "pcm", bitsPerSample: 16, error: 2 ** -16 },
  { encoding: "pcm", bitsPerSample: 16, validBits: 12, error: 2 ** -12 },
  { encoding: "pcm", bitsPerSample: 16, validBits: 1, error: 0.5 },
  { encoding: "pcm", bitsPerSample: 24, error: 2 ** -24 },
  { encoding: "pcm", bitsPerSample: 24, validBits: 20, error: 2 ** -20 },
  { encoding: "pcm", bitsPerSample: 32, error: 2 ** -25 },
  { encoding: "pcm", bitsPerSample: 32, validBits: 24, error: 2 ** -24 },
  { encoding: "float", bitsPerSample: 32, error: 0 },
  { encoding: "float", bitsPerSample: 64, error: 0 },
  // The largest steps of G.711 are 1024 of 32768, and the largest values 32124 and 32256.
  { encoding: "alaw", error: 2 ** -6 },
  { encoding: "mulaw", error: 2 ** -5.6 },
];

const sample = fc.float({ min: -1, max: Math.fround(0.99), noNaN: true });

describe.each(formats)(
  "$encoding of $bitsPerSample bits, $validBits valid",
  ({ error, ...format }) => {
    it("keeps every sample as well as it can, and every frame in its place", () => {
      const channels = fc.integer({ min: 1, max: 7 });
      const frames = channels.chain((count) =>
        fc.array(fc.array(sample, { minLength: count, maxLength: count }), { maxLength: 30 }),
      );
      fc.assert(
        fc.property(frames, fc.integer({ min: 1, max: 768_000 }), (rows, sampleRate) => {
          const count = rows[0]?.length ?? 2;
          const spec = { ...format, channels: count, sampleRate };
          const interleaved = Float32Array.from(rows.flat());
          const file = encodeWav(interleaved, spec);
          const planar = Array.from({ length: count }, (_, channel) =>
            Float32Array.from(rows, (row) => row[channel] ?? 0),
          );
          expect(encodeWav(planar, spec)).toEqual(file);
          const { info, summary, channelData } = decodeWav(file);
          expect(summary).toMatchObject({
            frames: rows.length,
            partialFrameBytes: 0,
            truncated: false,
          });
          expect(info.format).toMatchObject({
            encoding: format.encoding,
            channels: count,
            sampleRate,
          });
          for (const [channel, floats] of channelData.entries()) {
            for (const [index, value] of floats.entries()) {
              const wanted = planar[channel]?.[index] ?? Number.NaN;
              // The largest positive integer is one step below full scale.
              const top = 1 - 2 ** (1 - info.format.validBits);
              const reachable = error === 0 ? wanted : Math.min(wanted, top);
              expect(Math.abs(value - reachable)).toBeLessThanOrEqual(error);
            }
          }
        }),
      );
    });

    it("loses nothing the second time", () => {
      fc.assert(
        fc.property(fc.array(sample, { minLength: 1, maxLength: 50 }), (values) => {
          const spec = { ...format, channels: 1, sampleRate: 8000 };
          const once = encodeWav(Float32Array.from(values), spec);
          const { channelData } = decodeWav(once);
          expect(decodeWav(encodeWav(channelData, spec)).channelData).toEqual(channelData);
        }),
      );
    });
  },
);

describe("full scale", () => {
  it.each([8, 16, 24, 32])("is the whole range of %i bits", (bitsPerSample) => {
    const file = encodeWav(Float32Array.of(-1, 1, 2, -2), {
      channels: 1,
      sampleRate: 1,
      bitsPerSample,
    });
    const top = Math.fround(1 - 2 ** (1 - bitsPerSample));
    expect([...(decodeWav(file).channelData[0] ?? [])]).toEqual([-1, top, top, -1]);
  });
});
