import { createOpusCodec } from "@conic/codec-opus";
import type { OpusEncoderConfig } from "@conic/domain";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hasFecCopy, opusPacketSamples, remix } from "../../src/index.js";
import { speech } from "../support/speech.js";

const codec = createOpusCodec();

/** Part of the packets of two seconds of speech that bring a copy. */
async function copiesIn(
  config: OpusEncoderConfig & { readonly numberOfChannels: 1 | 2 },
): Promise<number> {
  const { numberOfChannels } = config;
  using encoder = await codec.createEncoder({
    ...config,
    application: "voip",
    bitrate: 28_000 * numberOfChannels,
    packetLossPercent: 30,
  });
  const size = encoder.frameSamples;
  const voice = speech(96_000);
  let copies = 0;
  for (let at = 0; at + size <= voice.length; at += size) {
    const frame = remix(voice.subarray(at, at + size), 1, numberOfChannels);
    if (hasFecCopy(encoder.encode(frame, 0).data)) copies += 1;
  }
  return copies / Math.floor(voice.length / size);
}

describe("opusPacketSamples", () => {
  // RFC 6716 table 2: 4 sizes for each of SILK NB, MB, WB; 2 for hybrid SWB, FB; 4 for CELT NB, WB, SWB, FB.
  const silk = [480, 960, 1_920, 2_880];
  const hybrid = [480, 960];
  const celt = [120, 240, 480, 960];
  const sizes = [silk, silk, silk, hybrid, hybrid, celt, celt, celt, celt].flat();

  it("reads all 32 configurations, mono and stereo", () => {
    for (const [config, samples] of sizes.entries()) {
      expect(opusPacketSamples(Uint8Array.of(config << 3))).toBe(samples);
      expect(opusPacketSamples(Uint8Array.of((config << 3) | 4))).toBe(samples);
      expect(opusPacketSamples(Uint8Array.of((config << 3) | 1))).toBe(samples * 2);
      expect(opusPacketSamples(Uint8Array.of((config << 3) | 2))).toBe(samples * 2);
    }
  });

  it("counts the frames of code 3, up to 120 ms", () => {
    expect(opusPacketSamples(Uint8Array.of(0x83, 48))).toBe(5_760);
    expect(opusPacketSamples(Uint8Array.of(0x83, 49))).toBeUndefined();
    expect(opusPacketSamples(Uint8Array.of(0x83, 0xc1))).toBe(120);
    expect(opusPacketSamples(Uint8Array.of(0x1b, 2))).toBe(5_760);
    expect(opusPacketSamples(Uint8Array.of(0x1b, 3))).toBeUndefined();
  });

  it("knows what is no packet", () => {
    expect(opusPacketSamples(Uint8Array.of())).toBeUndefined();
    expect(opusPacketSamples(Uint8Array.of(0x83))).toBeUndefined();
    expect(opusPacketSamples(Uint8Array.of(0x83, 0))).toBeUndefined();
  });

  it("agrees with libopus on every packet that libopus decodes", async () => {
    using decoder = await codec.createDecoder({ numberOfChannels: 1 });
    let decoded = 0;
    const property = fc.property(fc.uint8Array({ minLength: 1, maxLength: 80 }), (bytes) => {
      let samples: number;
      try {
        samples = decoder.decode(bytes).length;
      } catch {
        return;
      }
      decoded += 1;
      expect(opusPacketSamples(bytes)).toBe(samples);
    });
    fc.assert(property, { numRuns: 2_000 });
    expect(decoded).toBeGreaterThan(200);
  });
});

describe("hasFecCopy", () => {
  for (const frameDuration of [10_000, 20_000, 40_000, 60_000]) {
    for (const numberOfChannels of [1, 2] as const) {
      it(`finds the copies in speech of ${frameDuration} µs on ${numberOfChannels} channels, and none without FEC`, async () => {
        expect(
          await copiesIn({ numberOfChannels, frameDuration, useInBandFec: true }),
        ).toBeGreaterThan(0.3);
        expect(await copiesIn({ numberOfChannels, frameDuration, useInBandFec: false })).toBe(0);
      });
    }
  }

  it("looks past lengths and padding for the first frame", () => {
    // SILK NB, 20 ms, mono: bit 6 of the first byte of a frame says it.
    const frame = 0x40;
    expect(hasFecCopy(Uint8Array.of(0x08, frame))).toBe(true);
    expect(hasFecCopy(Uint8Array.of(0x08, 0xbf))).toBe(false);
    expect(hasFecCopy(Uint8Array.of(0x09, frame, 0))).toBe(true);
    expect(hasFecCopy(Uint8Array.of(0x0a, 1, frame, 0))).toBe(true);
    expect(hasFecCopy(Uint8Array.of(0x0a, 252, 0, frame))).toBe(true);
    expect(hasFecCopy(Uint8Array.of(0x0b, 0x02, frame, 0))).toBe(true);
    expect(hasFecCopy(Uint8Array.of(0x0b, 0x82, 1, frame, 0))).toBe(true);
    expect(hasFecCopy(Uint8Array.of(0x0b, 0x42, 3, frame, 0, 0, 0, 0))).toBe(true);
    expect(hasFecCopy(Uint8Array.of(0x0b, 0x42, 255, 3, frame, 0))).toBe(true);
    // Stereo: mid has bit 6, side bit 4.
    expect(hasFecCopy(Uint8Array.of(0x0c, 0x10))).toBe(true);
    expect(hasFecCopy(Uint8Array.of(0x0c, 0xaf))).toBe(false);
    // CELT has none.
    expect(hasFecCopy(Uint8Array.of(0x88, 0xff))).toBe(false);
    expect(hasFecCopy(Uint8Array.of(0x08))).toBe(false);
    expect(hasFecCopy(Uint8Array.of())).toBe(false);
  });
});
