import { isConicError, type OpusEncoderConfig } from "@conic/domain";
import { seededRandom } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { createOpusCodec } from "../src/index.js";
import { framesOf, joined, snrDb, speech, toneFrames } from "./support/signals.js";

const codec = createOpusCodec();

/** Packets of two seconds of speech, the signal that makes the bitrate vary. */
async function packetsOf(config: OpusEncoderConfig, seconds = 2): Promise<Uint8Array[]> {
  using encoder = await codec.createEncoder({ ...config, numberOfChannels: 1 });
  return framesOf(speech(seconds * 48_000), encoder.frameSamples).map(
    (frame) => encoder.encode(frame, 0).data,
  );
}

function bytesOf(packets: readonly Uint8Array[]): number {
  return packets.reduce((sum, packet) => sum + packet.length, 0);
}

/** Configuration numbers of RFC 6716 table 2: below 16 with the SILK layer, from 16 on CELT only. */
function configsOf(packets: readonly Uint8Array[]): number[] {
  return packets.map((packet) => (packet[0] ?? 0) >> 3);
}

/** Of coded speech, in dB. */
async function quality(complexity: number): Promise<number> {
  using encoder = await codec.createEncoder({
    complexity,
    bitrate: 24_000,
    application: "lowdelay",
  });
  using decoder = await codec.createDecoder({ numberOfChannels: 1 });
  const signal = speech(96_000);
  const out = framesOf(signal, 960).map((frame) => decoder.decode(encoder.encode(frame, 0).data));
  const aligned = joined(out).subarray(encoder.lookaheadSamples);
  return snrDb(aligned, signal.subarray(0, aligned.length));
}

describe("the encoder", () => {
  it.each([1, 2] as const)(
    "keeps a tone, on %i channels, after its look-ahead",
    async (channels) => {
      using encoder = await codec.createEncoder({
        numberOfChannels: channels,
        bitrate: 64_000,
      });
      using decoder = await codec.createDecoder({ numberOfChannels: channels });
      const frames = toneFrames(440, { frames: 100, frameSamples: encoder.frameSamples, channels });
      const decoded = frames.map((frame) => decoder.decode(encoder.encode(frame, 0).data));
      expect(encoder.lookaheadSamples).toBe(312);
      const out = joined(decoded).subarray(encoder.lookaheadSamples * channels);
      const skip = 4_800 * channels;
      expect(snrDb(out.subarray(skip), joined(frames).subarray(skip, out.length))).toBeGreaterThan(
        35,
      );
    },
  );

  it("puts the sound of each channel where it was", async () => {
    using encoder = await codec.createEncoder({ numberOfChannels: 2, bitrate: 128_000 });
    using decoder = await codec.createDecoder();
    let left = 0;
    let right = 0;
    for (const frame of toneFrames(440, { frames: 20, frameSamples: 960, channels: 2 })) {
      const onlyLeft = frame.map((value, i) => (i % 2 === 0 ? value : 0));
      for (const [i, value] of decoder.decode(encoder.encode(onlyLeft, 0).data).entries()) {
        if (i % 2 === 0) left += value * value;
        else right += value * value;
      }
    }
    expect(left).toBeGreaterThan(1_000 * right);
  });

  it("says what it makes", async () => {
    using encoder = await codec.createEncoder({ numberOfChannels: 2, frameDuration: 10_000 });
    const chunk = encoder.encode(new Float32Array(960), 123);
    expect(encoder.numberOfChannels).toBe(2);
    expect(encoder.frameSamples).toBe(480);
    expect(chunk).toMatchObject({ type: "key", timestamp: 123, duration: 10_000 });
    expect(encoder.encode(new Float32Array(960), 124).data.buffer).not.toBe(chunk.data.buffer);
  });

  it.each([2_500, 5_000, 10_000, 20_000, 40_000, 60_000])(
    "makes packets of %i µs",
    async (frameDuration) => {
      using encoder = await codec.createEncoder({ frameDuration });
      using decoder = await codec.createDecoder({ numberOfChannels: 1 });
      expect(encoder.frameSamples).toBe((frameDuration * 48) / 1_000);
      const { data, duration } = encoder.encode(new Float32Array(encoder.frameSamples), 0);
      expect(duration).toBe(frameDuration);
      expect(decoder.decode(data).length).toBe(encoder.frameSamples);
    },
  );

  it.each([16_000, 32_000, 64_000, 128_000, 256_000])(
    "meets %i b/s within 5 %%",
    async (bitrate) => {
      using encoder = await codec.createEncoder({ numberOfChannels: 2, bitrate, complexity: 5 });
      const random = seededRandom(1);
      let bytes = 0;
      const seconds = 4;
      // Noise with a tone in it: what is easy to code would stay below a variable bitrate.
      for (const frame of toneFrames(440, {
        frames: seconds * 50,
        frameSamples: 960,
        channels: 2,
      })) {
        const noisy = frame.map((value) => value + 0.2 * (random() - 0.5));
        bytes += encoder.encode(noisy, 0).data.length;
      }
      expect((bytes * 8) / seconds / bitrate).toBeGreaterThan(0.95);
      expect((bytes * 8) / seconds / bitrate).toBeLessThan(1.05);
    },
  );

  it("makes packets of one size when the bitrate is constant", async () => {
    const packets = await packetsOf({ bitrate: 64_000, bitrateMode: "constant" });
    expect(new Set(packets.map((packet) => packet.length))).toEqual(new Set([160]));
    const varying = await packetsOf({ bitrate: 64_000 });
    expect(new Set(varying.map((packet) => packet.length)).size).toBeGreaterThan(10);
  });

  it("follows setBitrate from the next frame on", async () => {
    using encoder = await codec.createEncoder({ bitrate: 64_000, bitrateMode: "constant" });
    const frame = new Float32Array(960);
    expect(encoder.encode(frame, 0).data.length).toBe(160);
    encoder.setBitrate(32_000);
    expect(encoder.encode(frame, 0).data.length).toBe(80);
  });

  it("sends next to nothing in silence with DTX", async () => {
    using plain = await codec.createEncoder({ application: "voip" });
    using dtx = await codec.createEncoder({ application: "voip", useDtx: true });
    const silence = Array.from({ length: 250 }, () => new Float32Array(960));
    const sent = silence.map((frame) => dtx.encode(frame, 0).data);
    expect(sent.filter((packet) => packet.length <= 2).length).toBeGreaterThan(200);
    expect(bytesOf(sent) * 5).toBeLessThan(
      bytesOf(silence.map((frame) => plain.encode(frame, 0).data)),
    );
  });

  it("codes speech and low delay as asked", async () => {
    const voip = await packetsOf({ application: "voip", bitrate: 16_000 });
    const lowdelay = await packetsOf({ application: "lowdelay", bitrate: 16_000 });
    expect(Math.max(...configsOf(voip))).toBeLessThan(16);
    expect(Math.min(...configsOf(lowdelay))).toBeGreaterThanOrEqual(16);
    using encoder = await codec.createEncoder({ application: "lowdelay" });
    expect(encoder.lookaheadSamples).toBe(120);
  });

  it("is better with more complexity", async () => {
    expect(await quality(10)).toBeGreaterThan(await quality(0));
  });

  it("survives samples that are no numbers", async () => {
    using encoder = await codec.createEncoder();
    using decoder = await codec.createDecoder({ numberOfChannels: 1 });
    decoder.decode(encoder.encode(new Float32Array(960).fill(NaN), 0).data);
    decoder.decode(encoder.encode(new Float32Array(960).fill(Infinity), 0).data);
    const frames = toneFrames(440, { frames: 50, frameSamples: 960, channels: 1 });
    const out = joined(frames.map((frame) => decoder.decode(encoder.encode(frame, 0).data)));
    const skip = 9_600;
    const expected = joined(frames).subarray(skip, out.length - 312);
    expect(snrDb(out.subarray(skip + 312), expected)).toBeGreaterThan(20);
  });
});

describe("what the encoder refuses", () => {
  it.each([
    [{ numberOfChannels: 3 }, "numberOfChannels is 1, 2; not 3"],
    [{ bitrate: 5_999 }, "bitrate is a whole number from 6000 to 510000, not 5999"],
    [{ bitrate: 510_001 }, "bitrate is"],
    [{ bitrate: NaN }, "bitrate is"],
    [{ bitrateMode: "auto" }, "bitrateMode is constant, variable; not auto"],
    [
      { frameDuration: 15_000 },
      "frameDuration in µs is 2500, 5000, 10000, 20000, 40000, 60000; not",
    ],
    [{ application: "music" }, "application is voip, audio, lowdelay; not music"],
    [{ complexity: 11 }, "complexity is a whole number from 0 to 10, not 11"],
    [{ packetLossPercent: 101 }, "packetLossPercent is a whole number from 0 to 100, not 101"],
    [{ useInBandFec: 1 }, "useInBandFec is true, false; not 1"],
    [{ useDtx: "yes" }, "useDtx is true, false; not yes"],
  ])("%o", async (config, message) => {
    const error: unknown = await codec
      .createEncoder(config as OpusEncoderConfig)
      .catch((thrown: unknown) => thrown);
    expect(isConicError(error, "invalid_argument")).toBe(true);
    expect(String(error)).toContain(message);
  });

  it("takes every limit itself", async () => {
    for (const config of [
      { bitrate: 6_000, complexity: 0, packetLossPercent: 0 },
      { bitrate: 510_000, complexity: 10, packetLossPercent: 100, frameDuration: 60_000 },
    ]) {
      using encoder = await codec.createEncoder({ ...config, numberOfChannels: 2 });
      const { data } = encoder.encode(new Float32Array(encoder.frameSamples * 2), 0);
      expect(data.length).toBeGreaterThan(0);
    }
  });

  it("a frame of another length, and bad rates later on", async () => {
    using encoder = await codec.createEncoder({ numberOfChannels: 2 });
    expect(() => encoder.encode(new Float32Array(960), 0)).toThrow(
      "a frame is 960 samples × 2 channels, 1920 values, not 960",
    );
    expect(() => encoder.setBitrate(1)).toThrow("bitrate is");
    expect(() => encoder.setPacketLossPercent(-1)).toThrow("packetLossPercent is");
    encoder.setPacketLossPercent(20);
  });

  it("everything once it is closed, which it may be twice", async () => {
    const encoder = await codec.createEncoder();
    encoder.close();
    encoder.close();
    for (const call of [
      () => encoder.encode(new Float32Array(960), 0),
      () => encoder.setBitrate(64_000),
      () => encoder.setPacketLossPercent(1),
    ]) {
      expect(call).toThrow(expect.objectContaining({ code: "closed" }));
    }
  });
});
