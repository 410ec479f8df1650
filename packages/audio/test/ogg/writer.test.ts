import type { EncodedChunk } from "@conic/domain";
import { createOpusCodec } from "@conic/codec-opus";
import { describe, expect, it } from "vitest";
import { OggOpusWriter, opusPacketSamples, type OggOpusSpec } from "../../src/index.js";
import { concat, packetsOf, parsePages } from "../support/ogg.js";
import { fitSine, sine } from "../support/sine.js";
import { joined } from "../support/floats.js";

const codec = createOpusCodec();

class MemorySink {
  readonly parts: Uint8Array[] = [];
  fail: Error | undefined;

  write(bytes: Uint8Array): void {
    if (this.fail !== undefined) throw this.fail;
    this.parts.push(bytes.slice());
  }

  get bytes(): Uint8Array {
    return concat(...this.parts);
  }
}

/** 20 ms of CELT, mono, with `length` bytes. */
function chunk(index: number, length = 40): EncodedChunk {
  const data = new Uint8Array(length).fill(index & 0xff);
  data[0] = 0xf8;
  return { type: "key", timestamp: index * 20_000, duration: 20_000, data };
}

function make(spec: Partial<OggOpusSpec> = {}): { sink: MemorySink; writer: OggOpusWriter } {
  const sink = new MemorySink();
  return { sink, writer: new OggOpusWriter(sink, { numberOfChannels: 1, ...spec }) };
}

async function written(
  chunks: readonly EncodedChunk[],
  spec: Partial<OggOpusSpec> = {},
  samples?: number,
): Promise<Uint8Array> {
  const { sink, writer } = make(spec);
  for (const each of chunks) await writer.write(each);
  await writer.close({ samples });
  return sink.bytes;
}

describe("the file", () => {
  it("has both headers, each alone in its page, then the packets as they came", async () => {
    const chunks = Array.from({ length: 120 }, (_, i) => chunk(i, 3 + i * 5));
    const file = await written(chunks, {
      numberOfChannels: 2,
      preSkipSamples: 312,
      inputSampleRate: 44_100,
    });
    const pages = parsePages(file);
    const [opusHead, opusTags, ...audio] = packetsOf(pages);
    const expected = [
      ..."OpusHead".split("").map((letter) => letter.charCodeAt(0)),
      1,
      2,
      0x38,
      0x01,
      0x44,
      0xac,
      0,
      0,
      0,
      0,
      0,
    ];
    expect([...(opusHead ?? [])]).toEqual(expected);
    expect(new TextDecoder().decode(opusTags?.subarray(0, 8))).toBe("OpusTags");
    expect(audio).toEqual(chunks.map(({ data }) => data));
    expect(pages.slice(0, 2).map(({ lacing }) => lacing.length)).toEqual([1, 1]);
    expect(pages.map(({ sequence }) => sequence)).toEqual(pages.map((_, i) => i));
    expect(pages.map(({ flags }) => flags & 6)).toEqual(
      pages.map((_, i) => (i === 0 ? 2 : i === pages.length - 1 ? 4 : 0)),
    );
    expect(new Set(pages.map(({ serial }) => serial)).size).toBe(1);
  });

  it.each([
    [20_000, 0xf8, 40],
    [20_000, 0xf8, 1_200],
    [2_500, 0xe0, 2],
    [2_500, 0xe0, 260],
    [60_000, 0x18, 1],
    [60_000, 0x18, 700],
  ])("counts samples in packets of %i µs (TOC %i) and %i bytes", async (duration, toc, length) => {
    // 255 packets fill a page to the brim: there the time must be right, too.
    const chunks = Array.from({ length: 1_000 }, (_, i) => {
      const data = new Uint8Array(length);
      data[0] = toc;
      return { type: "key", timestamp: i * duration, duration, data } as const;
    });
    const pages = parsePages(await written(chunks)).slice(2);
    let packets = 0;
    for (const { lacing, granule } of pages) {
      packets += lacing.filter((segment) => segment < 255).length;
      expect(granule).toBe(BigInt((packets * duration * 48) / 1_000));
      expect(lacing.length).toBeGreaterThan(0);
    }
    expect(packets).toBe(1_000);
  });

  it("has a page every half a second, so that a crash loses no more", async () => {
    const { sink, writer } = make();
    for (let i = 0; i < 500; i += 1) await writer.write(chunk(i));
    const before = parsePages(sink.bytes);
    expect(Number(before.at(-1)?.granule)).toBeGreaterThanOrEqual(499 * 960 - 24_000 - 960);
    await writer.close();
    expect(parsePages(sink.bytes).at(-1)?.granule).toBe(480_000n);
  });

  it("is complete without a packet", async () => {
    const { sink, writer } = make();
    const summary = await writer.close();
    const pages = parsePages(sink.bytes);
    expect(pages.length).toBe(2);
    expect((pages[1]?.flags ?? 0) & 4).toBe(4);
    expect(summary).toEqual({
      packets: 0,
      samples: 0,
      gapSamples: 0,
      skippedGaps: 0,
      fileBytes: sink.bytes.length,
    });
  });

  it("trims its end to the samples that are asked for", async () => {
    const chunks = Array.from({ length: 10 }, (_, i) => chunk(i));
    const file = await written(chunks, { preSkipSamples: 312 }, 9_000);
    expect(parsePages(file).at(-1)?.granule).toBe(9_312n);
    const { writer } = make({ preSkipSamples: 312 });
    for (const each of chunks) await writer.write(each);
    for (const samples of [9_289, 8_328, -1, NaN, 9_000.5]) {
      await expect(writer.close({ samples })).rejects.toMatchObject({ code: "invalid_argument" });
    }
    expect((await writer.close({ samples: 8_329 })).samples).toBe(8_329);
  });

  it("says what it wrote", async () => {
    const { sink, writer } = make({ preSkipSamples: 312 });
    for (let i = 0; i < 60; i += 1) await writer.write(chunk(i));
    expect(writer.packetSamples).toBe(60 * 960);
    expect(await writer.close()).toEqual({
      packets: 60,
      samples: 60 * 960 - 312,
      gapSamples: 0,
      skippedGaps: 0,
      fileBytes: sink.bytes.length,
    });
  });
});

describe("gaps", () => {
  /** µs of each gap, and what keeps its time. */
  it.each([
    [20_000, [[0xf8]]],
    [60_000, [[0xfb, 3]]],
    [122_500, [[0xfb, 6], [0xe0]]],
    [5_000, [[0xe3, 2]]],
    [2_480, []],
  ])("of %i µs are filled", async (gap, fillers) => {
    const late = { ...chunk(1), timestamp: 1_020_000 + gap };
    const file = await written([{ ...chunk(0), timestamp: 1_000_000 }, late]);
    const packets = packetsOf(parsePages(file)).slice(2);
    expect(packets.slice(1, -1).map((packet) => [...packet])).toEqual(fillers);
  });

  it("keep the time of what comes after them, and decode to something", async () => {
    using encoder = await codec.createEncoder({ numberOfChannels: 1, bitrate: 64_000 });
    using decoder = await codec.createDecoder({ numberOfChannels: 1 });
    const tone = sine(440, 48_000, 96_000, 0.5);
    const { sink, writer } = make();
    for (let n = 0; n < 100; n += 1) {
      const encoded = encoder.encode(tone.subarray(n * 960, (n + 1) * 960), n * 20_000);
      if (n < 30 || n > 47) await writer.write(encoded);
    }
    const summary = await writer.close();
    expect(summary).toMatchObject({ gapSamples: 18 * 960, samples: 96_000 - 312 });
    const packets = packetsOf(parsePages(sink.bytes)).slice(2);
    const audio = joined(packets.map((packet) => decoder.decode(packet)));
    expect(audio.length).toBe(96_000);
    const expected = tone.subarray(60_000 - 312, 90_000 - 312);
    const error = audio.subarray(60_000, 90_000).map((x, i) => x - (expected[i] ?? 0));
    expect(error.reduce((most, x) => Math.max(most, Math.abs(x)), 0)).toBeLessThan(0.05);
    expect(fitSine(audio.subarray(60_000), 440, 48_000).snrDb).toBeGreaterThan(25);
  });

  it("continue speech in its own kind", async () => {
    const silk = { ...chunk(0), data: Uint8Array.of(0x4c, 1, 2) };
    const file = await written([silk, { ...silk, timestamp: 100_000 }]);
    const packets = packetsOf(parsePages(file)).slice(3, -1);
    expect(packets.map((packet) => [...packet])).toEqual([[0x4f, 4]]);
    expect(packets.map((packet) => opusPacketSamples(packet))).toEqual([4 * 960]);
  });

  it("above maxGapMs are left out, once", async () => {
    const { writer } = make({ maxGapMs: 1_000 });
    await writer.write(chunk(0));
    await writer.write(chunk(51));
    await writer.write(chunk(103));
    await writer.write(chunk(104));
    expect(await writer.close()).toMatchObject({ skippedGaps: 1, gapSamples: 48_000 });
    expect(writer.packetSamples).toBe(4 * 960 + 48_000);
  });

  it("do not come from chunks that overlap or go back", async () => {
    const { writer } = make();
    for (const timestamp of [500_000, 510_000, 0, 560_000]) {
      await writer.write({ ...chunk(0), timestamp });
    }
    expect(await writer.close()).toMatchObject({ packets: 4, gapSamples: 0 });
  });
});

describe("what the writer refuses", () => {
  it.each([
    { numberOfChannels: 3 },
    { preSkipSamples: -1 },
    { preSkipSamples: 65_536 },
    { inputSampleRate: 2 ** 32 },
    { maxGapMs: NaN },
  ])("%o", (spec) => {
    expect(() => make(spec as Partial<OggOpusSpec>)).toThrow(
      expect.objectContaining({ code: "invalid_argument" }),
    );
  });

  it("chunks that are no packets, and goes on", async () => {
    const { writer } = make();
    const bad = [new Uint8Array(0), Uint8Array.of(3), Uint8Array.of(3, 0), new Uint8Array(61_441)];
    for (const data of bad) {
      await expect(writer.write({ ...chunk(0), data })).rejects.toMatchObject({
        code: "invalid_argument",
      });
    }
    await expect(writer.write({ ...chunk(0), timestamp: NaN })).rejects.toMatchObject({
      code: "invalid_argument",
    });
    await writer.write({ ...chunk(0), data: new Uint8Array(61_440) });
    expect((await writer.close()).packets).toBe(1);
  });

  it("a write during another, and after the end", async () => {
    const { writer } = make();
    const first = writer.write(chunk(0));
    await expect(writer.write(chunk(1))).rejects.toMatchObject({ code: "invalid_state" });
    await expect(writer.close()).rejects.toMatchObject({ code: "invalid_state" });
    await first;
    const summary = await writer.close();
    expect(await writer.close()).toBe(summary);
    await expect(writer.write(chunk(1))).rejects.toMatchObject({ code: "closed" });
  });

  it("everything after the sink failed, whose error it passes on", async () => {
    const { sink, writer } = make();
    sink.fail = new Error("disk full");
    const writes = async (): Promise<void> => {
      for (let i = 0; i < 100; i += 1) await writer.write(chunk(i));
    };
    await expect(writes()).rejects.toBe(sink.fail);
    await expect(writer.write(chunk(0))).rejects.toMatchObject({ code: "closed" });
    await expect(writer.close()).rejects.toBe(sink.fail);
    await writer[Symbol.asyncDispose]();
  });

  it("to wait for a sink after the signal fired", async () => {
    const controller = new AbortController();
    const sink = {
      write: async (): Promise<void> => {
        controller.abort();
        await new Promise(() => undefined);
      },
    };
    const writer = new OggOpusWriter(sink, { numberOfChannels: 1 });
    await writer.write(chunk(0));
    const { signal } = controller;
    const rest = async (): Promise<void> => {
      for (let i = 1; i < 100; i += 1) await writer.write(chunk(i), { signal });
    };
    await expect(rest()).rejects.toMatchObject({ code: "aborted" });
  });
});
