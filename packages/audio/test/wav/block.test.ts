import { describe, expect, it } from "vitest";
import { encodeWav, readWav, type WavBlock, type WavSpec } from "../../src/index.js";
import { chunk, fmt, riff } from "../support/riff.js";
import { pcm } from "../support/samples.js";

async function firstBlock(file: Uint8Array): Promise<WavBlock> {
  for await (const block of (await readWav(file)).blocks()) return block;
  throw new Error("no block");
}

const samples = Float32Array.of(0, -1, 0.5, -0.5, 0.25, 0.999);
const stereo = (spec: Partial<WavSpec> = {}): Promise<WavBlock> =>
  firstBlock(encodeWav(samples, { channels: 2, sampleRate: 8000, ...spec }));

describe("the samples of a block as they are stored", () => {
  it.each<[string, Partial<WavSpec>, object]>([
    ["8 bits", { bitsPerSample: 8 }, Uint8Array.of(128, 0, 192, 64, 160, 255)],
    ["16 bits", {}, Int16Array.of(0, -32_768, 16_384, -16_384, 8192, 32_735)],
    [
      "24 bits",
      { bitsPerSample: 24 },
      Int32Array.of(0, -8_388_608, 4_194_304, -4_194_304, 2_097_152, 8_380_220),
    ],
    [
      "32 bits",
      { bitsPerSample: 32 },
      Int32Array.of(0, -(2 ** 31), 2 ** 30, -(2 ** 30), 2 ** 29, 2_145_336_192),
    ],
    ["floats", { encoding: "float" }, samples],
    ["doubles", { encoding: "float", bitsPerSample: 64 }, Float64Array.from(samples)],
    ["mu-law codes", { encoding: "mulaw" }, Uint8Array.of(255, 0, 143, 15, 159, 128)],
    ["A-law codes", { encoding: "alaw" }, Uint8Array.of(0xd5, 0x2a, 0xa5, 0x3a, 0xb5, 0xaa)],
  ])("are %s", async (_, spec, expected) => {
    const block = await stereo(spec);
    expect(block.raw()).toEqual(expected);
    expect(block.frames).toBe(3);
  });

  it("are a view where they lie right, and a copy where they do not", async () => {
    const bytes = encodeWav(samples, { channels: 2, sampleRate: 8000 });
    const aligned = await firstBlock(bytes);
    expect(aligned.int16().buffer).toBe(bytes.buffer);
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    const unaligned = await firstBlock(shifted.subarray(1));
    expect(unaligned.int16()).toEqual(aligned.int16());
  });

  it.each([16, 24, 32])(
    "are in the order of the host, from big endian of %i bits",
    async (bits) => {
      const options = { big: true } as const;
      const stored = pcm(bits, options);
      const chunks = [
        chunk("fmt ", fmt({ bits, big: true }), options),
        chunk("data", stored.bytes, options),
      ];
      const block = await firstBlock(riff(chunks, { id: "RIFX", big: true }));
      const floats = [...block.raw()].map((value) => value / 2 ** (bits - 1));
      expect(floats).toEqual(stored.expected[0]);
    },
  );

  it("are not 16-bit integers when they are something else", async () => {
    for (const spec of [
      { bitsPerSample: 24 },
      { encoding: "float" },
      { encoding: "alaw" },
    ] as const) {
      const block = await stereo(spec);
      expect(() => block.int16()).toThrow(expect.objectContaining({ code: "unsupported" }));
    }
  });
});

describe("the floats of a block", () => {
  const left = Float32Array.of(0, 0.5, 0.25);

  it("go into a target, of which the filled part is returned", async () => {
    const block = await stereo();
    const target = new Float32Array(10).fill(9);
    const filled = block.interleaved(target);
    expect(filled.buffer).toBe(target.buffer);
    expect(filled.length).toBe(6);
    expect([...target.subarray(6)]).toEqual([9, 9, 9, 9]);
  });

  it("come channel by channel", async () => {
    const block = await stereo();
    expect(block.channel(0)).toEqual(left);
    const targets = [new Float32Array(3), new Float32Array(4)];
    const planar = block.planar(targets);
    expect(planar.map(({ buffer }) => buffer)).toEqual(targets.map(({ buffer }) => buffer));
    expect(planar.map(({ length }) => length)).toEqual([3, 3]);
    expect(planar).toEqual(block.planar());
  });

  it("need a target that is long enough, and a channel that exists", async () => {
    const block = await stereo();
    const invalid: unknown = expect.objectContaining({ code: "invalid_argument" });
    expect(block.interleaved(new Float32Array(6)).length).toBe(6);
    expect(() => block.interleaved(new Float32Array(5))).toThrow(invalid);
    expect(() => block.planar([new Float32Array(3)])).toThrow(invalid);
    expect(() => block.planar([new Float32Array(3), new Float32Array(2)])).toThrow(invalid);
    for (const channel of [-1, 2, 0.5]) expect(() => block.channel(channel)).toThrow(invalid);
  });
});
