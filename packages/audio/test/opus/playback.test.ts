import { ConicError, type AudioDecoder, type ReceivedChunk } from "@conic/domain";
import { createOpusCodec } from "@conic/codec-opus";
import { describe, expect, it } from "vitest";
import { PacketPlayback } from "../../src/index.js";
import { joined } from "../support/floats.js";
import { fitSine, sine } from "../support/sine.js";
import { speech } from "../support/speech.js";

/** CELT, 20 ms, and SILK, 20 ms, with a copy of the packet before it. */
const plain = Uint8Array.of(0xf8, 1);
const withCopy = Uint8Array.of(0x08, 0x40);
const broken = Uint8Array.of(0xf8, 0xff);

function chunk(rtpTimestamp: number, data: Uint8Array = plain, lostBefore = 0): ReceivedChunk {
  return {
    type: "key",
    timestamp: (rtpTimestamp * 1_000) / 48,
    duration: 20_000,
    data,
    rtpTimestamp,
    lostBefore,
    receivedAtMs: 0,
  };
}

function checkSteps(samples: number): void {
  if (samples % 120 !== 0) throw new RangeError(`${samples} samples are no steps of 2.5 ms`);
}

/** Answers decode, conceal and recover with 1, 2 and 3, and keeps what it was asked. */
class FakeDecoder implements AudioDecoder {
  readonly numberOfChannels = 1;
  readonly calls: string[] = [];
  closed = false;

  decode(packet: Uint8Array): Float32Array {
    if (this.closed) throw new ConicError("closed", "the decoder is closed");
    if (packet.length === 0 || packet[1] === 0xff) {
      throw new ConicError("invalid_data", "no packet");
    }
    this.calls.push("decode");
    return new Float32Array(960).fill(1);
  }

  conceal(samples: number): Float32Array {
    checkSteps(samples);
    this.calls.push(`conceal ${samples}`);
    return new Float32Array(samples).fill(2);
  }

  recover(next: Uint8Array, samples: number): Float32Array {
    checkSteps(samples);
    if (next[1] === 0xff) throw new ConicError("invalid_data", "no packet");
    this.calls.push(`recover ${samples}`);
    return new Float32Array(samples).fill(3);
  }

  close(): void {
    this.closed = true;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

describe("playback by timestamps", () => {
  it("plays consecutive packets one after the other", () => {
    const decoder = new FakeDecoder();
    const playback = new PacketPlayback(decoder);
    for (const at of [5_000, 5_960, 6_920]) {
      expect(joined(playback.push(chunk(at)))).toEqual(new Float32Array(960).fill(1));
    }
    expect(decoder.calls).toEqual(["decode", "decode", "decode"]);
    expect(playback.stats()).toEqual({
      decodedPackets: 3,
      recoveredPackets: 0,
      concealedSamples: 0,
      silentSamples: 0,
      invalidPackets: 0,
      skippedGaps: 0,
    });
  });

  it("conceals what is lost, and recovers the packet before one with a copy", () => {
    const decoder = new FakeDecoder();
    const playback = new PacketPlayback(decoder);
    playback.push(chunk(0));
    const audio = joined(playback.push(chunk(960 * 4, withCopy, 3)));
    expect(decoder.calls.slice(1)).toEqual(["conceal 1920", "recover 960", "decode"]);
    expect(audio.length).toBe(960 * 4);
    expect([audio[0], audio[1_920], audio[2_880]]).toEqual([2, 3, 1]);
    expect(playback.stats()).toMatchObject({ recoveredPackets: 1, concealedSamples: 1_920 });
  });

  it("conceals all of it when there is no copy", () => {
    const decoder = new FakeDecoder();
    const playback = new PacketPlayback(decoder);
    playback.push(chunk(0));
    playback.push(chunk(960 * 3, plain, 2));
    expect(decoder.calls.slice(1)).toEqual(["conceal 1920", "decode"]);
    expect(playback.stats().recoveredPackets).toBe(0);
  });

  it("lets the decoder fill a pause that lost nothing, whatever the next packet holds", () => {
    const decoder = new FakeDecoder();
    const playback = new PacketPlayback(decoder);
    playback.push(chunk(0));
    playback.push(chunk(960 * 11, withCopy));
    expect(decoder.calls.slice(1)).toEqual(["conceal 9600", "decode"]);
  });

  it("recovers a copy of no more than the gap", () => {
    const decoder = new FakeDecoder();
    const playback = new PacketPlayback(decoder);
    playback.push(chunk(0));
    const audio = joined(playback.push(chunk(960 + 500, withCopy, 1)));
    expect(decoder.calls.slice(1)).toEqual(["conceal 120", "recover 480", "decode"]);
    expect(audio.length).toBe(500 + 960);
  });

  it.each([
    ["at maxConcealMs", 4_800, 4_800, 0],
    ["one sample above it", 4_801, 4_800, 1],
    ["far above it", 100_000, 4_800, 95_200],
  ])("is silent after maxConcealMs: %s", (_, gap, concealed, silent) => {
    const playback = new PacketPlayback(new FakeDecoder(), { maxConcealMs: 100 });
    playback.push(chunk(0));
    const audio = joined(playback.push(chunk(960 + gap)));
    expect(audio.length).toBe(gap + 960);
    expect(audio.filter((x) => x === 2).length).toBe(concealed);
    expect(audio.filter((x) => x === 0).length).toBe(silent);
    expect(playback.stats()).toMatchObject({ concealedSamples: concealed, silentSamples: silent });
  });

  it("skips a gap above maxGapMs, and goes on from there", () => {
    const playback = new PacketPlayback(new FakeDecoder(), { maxGapMs: 1_000 });
    playback.push(chunk(0));
    expect(joined(playback.push(chunk(960 + 48_000))).length).toBe(48_000 + 960);
    expect(joined(playback.push(chunk(960 + 48_000 + 960 + 48_001))).length).toBe(960);
    expect(playback.stats().skippedGaps).toBe(1);
  });

  it("conceals a broken packet, for as long as it would have lasted", () => {
    const decoder = new FakeDecoder();
    const playback = new PacketPlayback(decoder);
    playback.push(chunk(0));
    expect(joined(playback.push(chunk(960, broken))).length).toBe(960);
    expect(joined(playback.push(chunk(1_920, new Uint8Array(0)))).length).toBe(960);
    expect(joined(playback.push(chunk(2_880))).length).toBe(960);
    expect(playback.stats()).toMatchObject({ invalidPackets: 2, decodedPackets: 2 });
    expect(decoder.calls).toEqual(["decode", "conceal 960", "conceal 960", "decode"]);
  });

  it("plays what overlaps or comes from the past, and goes on from there", () => {
    const decoder = new FakeDecoder();
    const playback = new PacketPlayback(decoder);
    playback.push(chunk(100_000));
    expect(joined(playback.push(chunk(100_480))).length).toBe(960);
    expect(joined(playback.push(chunk(0))).length).toBe(960);
    expect(joined(playback.push(chunk(960))).length).toBe(960);
    expect(decoder.calls).toEqual(["decode", "decode", "decode", "decode"]);
  });

  it("passes on that the decoder is closed", () => {
    const decoder = new FakeDecoder();
    decoder.close();
    const playback = new PacketPlayback(decoder);
    expect(() => playback.push(chunk(0))).toThrow(expect.objectContaining({ code: "closed" }));
  });

  it.each([{ maxConcealMs: -1 }, { maxGapMs: NaN }, { maxGapMs: Infinity }])(
    "refuses %o",
    (options) => {
      expect(() => new PacketPlayback(new FakeDecoder(), options)).toThrow(
        expect.objectContaining({ code: "invalid_argument" }),
      );
    },
  );
});

describe("playback with libopus", () => {
  const codec = createOpusCodec();
  const lost = new Set([20, 45, 46, 47, 70]);

  it("keeps the time and the pitch of a tone over lost packets", async () => {
    using encoder = await codec.createEncoder({ bitrate: 64_000 });
    using decoder = await codec.createDecoder({ numberOfChannels: 1 });
    const playback = new PacketPlayback(decoder);
    const tone = sine(440, 48_000, 96_000, 0.5);
    const parts: Float32Array[] = [];
    let missing = 0;
    for (let n = 0; n < 100; n += 1) {
      const { data } = encoder.encode(tone.subarray(n * 960, (n + 1) * 960), 0);
      if (lost.has(n)) missing += 1;
      else {
        parts.push(...playback.push(chunk(n * 960, data, missing)));
        missing = 0;
      }
    }
    const audio = joined(parts);
    expect(audio.length).toBe(96_000);
    expect(playback.stats()).toMatchObject({ decodedPackets: 95, concealedSamples: 5 * 960 });
    // After the last gap the phase is still that of the tone.
    expect(fitSine(audio.subarray(75 * 960), 440, 48_000).snrDb).toBeGreaterThan(25);
    const expected = tone.subarray(75 * 960 - 312, 96_000 - 312);
    const error = audio.subarray(75 * 960).map((x, i) => x - (expected[i] ?? 0));
    expect(error.reduce((most, x) => Math.max(most, Math.abs(x)), 0)).toBeLessThan(0.05);
  });

  it("recovers single losses of speech with FEC", async () => {
    using encoder = await codec.createEncoder({
      application: "voip",
      bitrate: 32_000,
      packetLossPercent: 20,
      useInBandFec: true,
    });
    using decoder = await codec.createDecoder({ numberOfChannels: 1 });
    const playback = new PacketPlayback(decoder);
    const voice = speech(96_000);
    let length = 0;
    for (let n = 0; n < 100; n += 1) {
      const { data } = encoder.encode(voice.subarray(n * 960, (n + 1) * 960), 0);
      if (n % 10 === 5) continue;
      const parts = playback.push(chunk(n * 960, data, n % 10 === 6 ? 1 : 0));
      length += joined(parts).length;
    }
    expect(length).toBe(96_000);
    const { recoveredPackets, concealedSamples } = playback.stats();
    expect(recoveredPackets).toBeGreaterThanOrEqual(7);
    expect(recoveredPackets + concealedSamples / 960).toBe(10);
  });
});
