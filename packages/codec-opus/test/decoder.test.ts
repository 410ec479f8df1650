import { isConicError, type AudioDecoder, type OpusDecoderConfig } from "@conic/domain";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createOpusCodec, maxConcealSamples, maxPacketBytes } from "../src/index.js";
import { framesOf, joined, snrDb, speech, toneFrames } from "./support/signals.js";

const codec = createOpusCodec();

async function tonePackets(channels: 1 | 2, frames: number): Promise<Uint8Array[]> {
  using encoder = await codec.createEncoder({ numberOfChannels: channels, bitrate: 64_000 });
  return toneFrames(440, { frames, frameSamples: 960, channels }).map(
    (frame) => encoder.encode(frame, 0).data,
  );
}

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return isConicError(error) ? error.code : String(error);
  }
}

/** One packet in ten. */
function lost(frame: number): boolean {
  return frame % 10 === 7;
}

async function speechPackets(useInBandFec: boolean): Promise<Uint8Array[]> {
  using encoder = await codec.createEncoder({
    application: "voip",
    bitrate: 32_000,
    packetLossPercent: 15,
    useInBandFec,
  });
  return framesOf(speech(48_000 * 5), 960).map((frame) => encoder.encode(frame, 0).data);
}

function played(
  decoder: AudioDecoder,
  packets: readonly Uint8Array[],
  replace: (next: Uint8Array) => Float32Array,
): Float32Array {
  const parts = packets.map((packet, frame) =>
    lost(frame) ? replace(packets[frame + 1] ?? packet) : decoder.decode(packet),
  );
  return joined(parts);
}

describe("the decoder", () => {
  it.each([
    [1, 2],
    [2, 1],
  ] as const)("turns packets of %i into %i channels", async (from, to) => {
    const packets = await tonePackets(from, 20);
    using decoder = await codec.createDecoder({ numberOfChannels: to });
    for (const packet of packets) expect(decoder.decode(packet).length).toBe(960 * to);
  });

  it("gives a new array each time", async () => {
    const [first, second] = await tonePackets(2, 2);
    using decoder = await codec.createDecoder();
    expect(decoder.numberOfChannels).toBe(2);
    const one = decoder.decode(first ?? new Uint8Array(0));
    const copy = one.slice();
    decoder.decode(second ?? new Uint8Array(0));
    expect(one).toEqual(copy);
  });

  it("goes on after broken packets, as good as before", async () => {
    const packets = await tonePackets(1, 50);
    const clean = await codec.createDecoder({ numberOfChannels: 1 });
    const dirty = await codec.createDecoder({ numberOfChannels: 1 });
    const broken = [
      Uint8Array.of(),
      Uint8Array.of(0x03), // code 3 without its count
      Uint8Array.of(0x03, 0x00), // no frames
      Uint8Array.of(0x03, 0x3f), // 63 frames of 10 ms
      Uint8Array.of(0x01, 1, 2, 3), // two frames of equal size in three bytes
      Uint8Array.of(0x02, 255, 255), // a first frame longer than the packet
      new Uint8Array(1_277), // one frame of more than 1,275 bytes
      new Uint8Array(maxPacketBytes + 1),
    ];
    for (const packet of packets) {
      const expected = clean.decode(packet);
      for (const bytes of broken) expect(codeOf(() => dirty.decode(bytes))).toBe("invalid_data");
      expect(dirty.decode(packet)).toEqual(expected);
    }
    clean.close();
    dirty.close();
  });

  it("takes the longest packet that it allows", async () => {
    using decoder = await codec.createDecoder({ numberOfChannels: 1 });
    // One frame of one byte, all else padding (RFC 6716 section 3.2.5).
    const packet = new Uint8Array(maxPacketBytes);
    packet.set([0xfb, 0x41]);
    const padding = maxPacketBytes - 3;
    const chains = Math.floor(padding / 255);
    // Each 255 stands for 254 bytes of padding and itself.
    packet.fill(255, 2, 2 + chains);
    packet[2 + chains] = Math.max(0, padding - chains * 255 - 1);
    expect(["invalid_data", undefined]).toContain(codeOf(() => decoder.decode(packet)));
    expect(decoder.decode(Uint8Array.of(0xf8)).length).toBe(960);
  });

  it("survives any bytes", async () => {
    using decoder = await codec.createDecoder();
    const good = await tonePackets(2, 1);
    let refused = 0;
    let taken = 0;
    const property = fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (bytes, fec) => {
      const code = codeOf(() => {
        const out = fec ? decoder.recover(bytes, 960) : decoder.decode(bytes);
        expect(out.length % 240).toBe(0);
        expect(out.length).toBeLessThanOrEqual(5_760 * 2);
      });
      expect([undefined, "invalid_data"]).toContain(code);
      if (code === undefined) taken += 1;
      else refused += 1;
    });
    fc.assert(property, { numRuns: 20_000 });
    expect(Math.min(taken, refused)).toBeGreaterThan(2_000);
    for (const packet of good) expect(decoder.decode(packet).length).toBe(1_920);
  });

  it("survives damaged packets of an encoder", async () => {
    const packets = await tonePackets(2, 40);
    using decoder = await codec.createDecoder();
    const property = fc.property(
      fc.constantFrom(...packets),
      fc.nat(),
      fc.nat({ max: 255 }),
      fc.nat(),
      (packet, at, value, cut) => {
        const bytes = packet.slice(0, 1 + (cut % (packet.length * 2)));
        bytes[at % bytes.length] = value;
        expect([undefined, "invalid_data"]).toContain(codeOf(() => decoder.decode(bytes)));
      },
    );
    fc.assert(property, { numRuns: 2_000 });
  });

  it("refuses three channels", async () => {
    const config = { numberOfChannels: 3 } as unknown as OpusDecoderConfig;
    await expect(codec.createDecoder(config)).rejects.toMatchObject({
      code: "invalid_argument",
      message: "numberOfChannels is 1, 2; not 3",
    });
  });

  it("refuses everything once it is closed, which it may be twice", async () => {
    const decoder = await codec.createDecoder();
    decoder.close();
    decoder.close();
    const packet = Uint8Array.of(0xf8);
    expect(codeOf(() => decoder.decode(packet))).toBe("closed");
    expect(codeOf(() => decoder.conceal(960))).toBe("closed");
    expect(codeOf(() => decoder.recover(packet, 960))).toBe("closed");
  });
});

describe("loss", () => {
  it("sounds better recovered from the copy in the next packet than concealed, and that better than silence", async () => {
    const packets = await speechPackets(true);
    using clean = await codec.createDecoder({ numberOfChannels: 1 });
    using recovering = await codec.createDecoder({ numberOfChannels: 1 });
    using concealing = await codec.createDecoder({ numberOfChannels: 1 });
    using silent = await codec.createDecoder({ numberOfChannels: 1 });
    const expected = joined(packets.map((packet) => clean.decode(packet)));
    const recovered = played(recovering, packets, (next) => recovering.recover(next, 960));
    const concealed = played(concealing, packets, () => concealing.conceal(960));
    const silence = played(silent, packets, () => new Float32Array(960));
    const fec = snrDb(recovered, expected);
    const plc = snrDb(concealed, expected);
    expect(fec).toBeGreaterThan(plc + 3);
    expect(plc).toBeGreaterThan(snrDb(silence, expected));
  });

  it("conceals where the next packet brings no copy", async () => {
    const packets = await speechPackets(false);
    using one = await codec.createDecoder({ numberOfChannels: 1 });
    using other = await codec.createDecoder({ numberOfChannels: 1 });
    for (const packet of packets.slice(0, 20)) {
      expect(one.decode(packet)).toEqual(other.decode(packet));
    }
    const next = packets[21] ?? Uint8Array.of();
    expect(one.recover(next, 960)).toEqual(other.conceal(960));
  });

  it.each([0, 120, 360, 960, 5_760, 5_880, 48_000])("makes up %i samples", async (samples) => {
    const packets = await tonePackets(2, 10);
    using decoder = await codec.createDecoder();
    for (const packet of packets) decoder.decode(packet);
    const next = packets[9] ?? Uint8Array.of();
    expect(decoder.conceal(samples).length).toBe(samples * 2);
    expect(decoder.recover(next, samples).length).toBe(samples * 2);
  });

  it("goes on with a tone for a moment", async () => {
    const packets = await tonePackets(1, 20);
    using decoder = await codec.createDecoder({ numberOfChannels: 1 });
    for (const packet of packets) decoder.decode(packet);
    const loudest = decoder.conceal(960).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    expect(loudest).toBeGreaterThan(0.3);
  });

  it("bounds what it makes up", async () => {
    using decoder = await codec.createDecoder({ numberOfChannels: 1 });
    expect(decoder.conceal(maxConcealSamples).length).toBe(maxConcealSamples);
    for (const samples of [maxConcealSamples + 120, -120, 1, 119, 121, NaN]) {
      expect(codeOf(() => decoder.conceal(samples))).toBe("invalid_argument");
      expect(codeOf(() => decoder.recover(Uint8Array.of(0xf8), samples))).toBe("invalid_argument");
    }
  });
});
