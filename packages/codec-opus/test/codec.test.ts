import { describe, expect, it, vi } from "vitest";
import { createOpusCodec } from "../src/index.js";

const codec = createOpusCodec();

/** The types of Node leave `WebAssembly` out. */
const wasmMemory = (
  globalThis as unknown as {
    WebAssembly: { Memory: { prototype: { grow: (pages: number) => number } } };
  }
).WebAssembly.Memory.prototype;

async function round(): Promise<void> {
  const encoder = await codec.createEncoder({ numberOfChannels: 2, complexity: 0 });
  const decoder = await codec.createDecoder();
  decoder.decode(encoder.encode(new Float32Array(1_920), 0).data);
  encoder.close();
  decoder.close();
}

describe("the codec", () => {
  it("gives memory back: a thousand encoders and decoders, one after the other", async () => {
    for (let i = 0; i < 20; i += 1) await round();
    const grow = vi.spyOn(wasmMemory, "grow");
    for (let i = 0; i < 1_000; i += 1) await round();
    // Kept, they would take 60 MB: the memory of libopus would have to grow.
    expect(grow).not.toHaveBeenCalled();
    grow.mockRestore();
  });

  it("runs many at once without mixing them up", async () => {
    const pairs = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => ({
        encoder: await codec.createEncoder({
          bitrate: 16_000 + 1_000 * i,
          bitrateMode: "constant",
        }),
        bytes: (16_000 + 1_000 * i) / 400,
      })),
    );
    for (const { encoder, bytes } of pairs) {
      expect(encoder.encode(new Float32Array(960), 0).data.length).toBe(Math.round(bytes));
    }
    for (const { encoder } of pairs) encoder.close();
  });

  it("warms up, with the settings that are to come", async () => {
    await codec.warmUp({ numberOfChannels: 2, frameDuration: 10_000 });
    await expect(codec.warmUp({ bitrate: 1 })).rejects.toMatchObject({ code: "invalid_argument" });
  });
});
