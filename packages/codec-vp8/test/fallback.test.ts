import { silentLogger } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { codecWith } from "../src/codec.js";
import { createVp8Codec, type Vp8CodecOptions } from "../src/index.js";
import {
  decodeAll,
  encodeAll,
  lumaOf,
  picture,
  present,
  psnrOf,
  rejection,
} from "./support/pictures.js";
import { notInstalled } from "./support/modules.js";
import { watchWorkers } from "./support/workers.js";

watchWorkers();
const size = { width: 161, height: 121 };

describe("the fallback", () => {
  it("gives every frame back as a key frame that both decoders read", async () => {
    const codec = createVp8Codec({ implementation: "webp" });
    await using encoder = await codec.createEncoder({ ...size, bitrate: 2_000_000 });
    const chunks = await encodeAll(encoder, 12);
    expect(chunks.map(({ type }) => type)).toEqual(chunks.map(() => "key"));
    for (const implementation of ["webp", "libav"] as const) {
      await using decoder = await createVp8Codec({ implementation }).createDecoder();
      // Each by itself: the last one first.
      const frames = await decodeAll(decoder, chunks.toReversed());
      for (const [index, frame] of frames.toReversed().entries()) {
        const original = picture(161, 121, index);
        expect(frame.timestamp).toBe(original.timestamp);
        expect(frame.data).toHaveLength(original.data.length);
        expect(psnrOf(lumaOf(frame), lumaOf(original))).toBeGreaterThan(33);
        expect(
          psnrOf(frame.data.subarray(161 * 121), original.data.subarray(161 * 121)),
        ).toBeGreaterThan(33);
      }
    }
  });

  it("decodes what libvpx encodes, delta frames too", async () => {
    await using encoder = await createVp8Codec({ implementation: "libav" }).createEncoder(size);
    await using decoder = await createVp8Codec({ implementation: "webp" }).createDecoder();
    const frames = await decodeAll(decoder, await encodeAll(encoder, 10));
    for (const [n, frame] of frames.entries()) {
      expect(psnrOf(lumaOf(frame), lumaOf(picture(161, 121, n)))).toBeGreaterThan(33);
    }
  });

  it("keeps to the bitrate where the pictures allow it, and follows another one", async () => {
    const codec = createVp8Codec({ implementation: "webp" });
    await using encoder = await codec.createEncoder({ ...size, bitrate: 150_000 });
    const sizes = [];
    for (const bitrate of [150_000, 90_000]) {
      encoder.setBitrate(bitrate);
      const chunks = await encodeAll(encoder, 60);
      const bytes = chunks.slice(15).reduce((sum, { data }) => sum + data.length, 0);
      sizes.push((bytes * 8 * 30) / 45 / bitrate);
    }
    for (const share of sizes) {
      expect(share).toBeGreaterThan(0.6);
      expect(share).toBeLessThan(1.2);
    }
  });

  it("is taken with a warning that names the package, when that is not installed", async () => {
    const warnings: string[] = [];
    const logger = {
      ...silentLogger,
      warn: (_: unknown, message: string) => {
        warnings.push(message);
      },
    };
    const codec = codecWith({ logger }, { libav: notInstalled });
    await using encoder = await codec.createEncoder(size);
    await using decoder = await codec.createDecoder();
    const chunks = await encodeAll(encoder, 2);
    expect(chunks.map(({ type }) => type)).toEqual(["key", "key"]);
    expect(present(await decoder.decode(present(chunks[1]))).codedWidth).toBe(161);
    expect(warnings.join()).toContain("pnpm add @libav.js/variant-webm");
  });
});

describe("a package that is not installed", () => {
  const modules = { libav: notInstalled, webp: notInstalled, ogv: notInstalled };

  it.each<[Vp8CodecOptions["implementation"], string, string]>([
    ["auto", "@libav.js/variant-webm", "@libav.js/variant-webm"],
    ["libav", "@libav.js/variant-webm", "@libav.js/variant-webm"],
    ["webp", "@jsquash/webp", "ogv"],
  ])("is named with the command that adds it (%s)", async (implementation, encodes, decodes) => {
    const codec = codecWith({ implementation }, modules);
    const encoder = await rejection(() => codec.createEncoder(size));
    expect(encoder).toMatchObject({ code: "unsupported" });
    expect(String(encoder)).toContain(`pnpm add ${encodes}`);
    const decoder = await rejection(() => codec.createDecoder());
    expect(decoder).toMatchObject({ code: "unsupported" });
    expect(String(decoder)).toContain(`pnpm add ${decodes}`);
  });
});

describe("createVp8Codec", () => {
  it.each([{ maxQueuedFrames: 0 }, { maxQueuedFrames: 1.5 }, { implementation: "x265" as "auto" }])(
    "refuses %o",
    (options) => {
      expect(() => createVp8Codec(options)).toThrow(
        expect.objectContaining({ code: "invalid_argument" }),
      );
    },
  );
});
