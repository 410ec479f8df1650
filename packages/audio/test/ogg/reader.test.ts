import { open, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EncodedChunk } from "@conic/domain";
import { collectAll } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { fileSink, OggOpusWriter, readOggOpus } from "../../src/index.js";
import { bos, concat, eos, head, headers, page, tags } from "../support/ogg.js";
import { cut } from "../support/read.js";

/** 20 ms of CELT, mono, different each time. */
function packet(index: number, length = 40): Uint8Array {
  const data = new Uint8Array(length).fill(index & 0xff);
  data[0] = 0xf8;
  return data;
}

async function* chunks(count: number, length = 40): AsyncGenerator<EncodedChunk> {
  for (let i = 0; i < count; i += 1) {
    const data = packet(i, length);
    yield await Promise.resolve({ type: "key", timestamp: i * 20_000, duration: 20_000, data });
  }
}

async function written(count: number, length?: number, samples?: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const sink = { write: (bytes: Uint8Array) => void parts.push(bytes.slice()) };
  const writer = new OggOpusWriter(sink, { numberOfChannels: 2, preSkipSamples: 312 });
  for await (const chunk of chunks(count, length)) await writer.write(chunk);
  await writer.close({ samples });
  return concat(...parts);
}

/** Audio pages of ten packets each. */
function audioPages(count: number, first = 2): Uint8Array[] {
  return Array.from({ length: count }, (_, i) =>
    page({
      packets: Array.from({ length: 10 }, (_unused, n) => packet(i * 10 + n)),
      granule: BigInt((i + 1) * 9_600),
      sequence: first + i,
      flags: i === count - 1 ? eos : 0,
    }),
  );
}

/** A page of another stream. */
function other(sequence: number, flags = 0): Uint8Array {
  return page({ packets: [new Uint8Array(300)], serial: 9, sequence, flags });
}

/** Says nothing more after its second page. */
async function* silentSource(): AsyncGenerator<Uint8Array> {
  yield headers();
  yield* audioPages(3).slice(0, 2);
  await new Promise(() => undefined);
}

describe("reading", () => {
  it("gives back what the writer took", async () => {
    for (const length of [1, 40, 254, 255, 256, 700, 61_440]) {
      const file = await written(60, length);
      const reader = await readOggOpus(file);
      expect(reader).toMatchObject({
        numberOfChannels: 2,
        preSkipSamples: 312,
        inputSampleRate: 48_000,
        outputGainDb: 0,
      });
      expect(await collectAll(reader)).toEqual(await collectAll(chunks(60, length)));
      expect(reader.summary).toEqual({
        packets: 60,
        samples: 60 * 960 - 312,
        endTrimSamples: 0,
        complete: true,
      });
    }
  });

  it.each([1, 7, 27, 28, 1_000])("takes pieces of %i bytes", async (size) => {
    const file = await written(30);
    const reader = await readOggOpus(cut(file, size));
    expect(await collectAll(reader)).toEqual(await collectAll(chunks(30)));
  });

  it("reads the headers", async () => {
    const comments = ["TITLE=Ü", "artist=A", "ARTIST=B", "no comment", "X="];
    const file = concat(headers(head(1, 3_840), tags("maker", comments)), ...audioPages(1));
    const reader = await readOggOpus(file);
    expect(reader).toMatchObject({
      numberOfChannels: 1,
      preSkipSamples: 3_840,
      inputSampleRate: 44_100,
      outputGainDb: -1.5,
      vendor: "maker",
      tags: [
        { name: "TITLE", value: "Ü" },
        { name: "ARTIST", value: "A" },
        { name: "ARTIST", value: "B" },
        { name: "X", value: "" },
      ],
    });
    await reader.close();
  });

  it("reads tags over many pages", async () => {
    const comment = `ART=${"x".repeat(200_000)}`;
    const packetBytes = tags("v", [comment]);
    const parts: Uint8Array[] = [];
    for (let at = 0, n = 1; at <= packetBytes.length; n += 1) {
      const body = packetBytes.subarray(at, at + 255 * 255);
      const full = body.length === 255 * 255;
      const lacing = full
        ? Array.from({ length: 255 }, () => 255)
        : [...Array.from({ length: Math.floor(body.length / 255) }, () => 255), body.length % 255];
      const flags = n === 1 ? 0 : 1;
      parts.push(page({ packets: [body], lacing, flags, sequence: n, granule: full ? -1n : 0n }));
      at += 255 * 255;
    }
    const file = concat(
      page({ packets: [head()], flags: bos }),
      ...parts,
      ...audioPages(2, parts.length + 1),
    );
    const reader = await readOggOpus(file);
    expect(reader.tags[0]?.value.length).toBe(200_000);
    expect((await collectAll(reader)).length).toBe(20);
    const { length } = packetBytes;
    await expect(readOggOpus(file, { maxTagsBytes: length - 1 })).rejects.toMatchObject({
      code: "too_large",
    });
    await (await readOggOpus(file, { maxTagsBytes: length })).close();
  });

  it("says what the last page trims", async () => {
    const reader = await readOggOpus(await written(10, 40, 9_000));
    const all = await collectAll(reader);
    expect(all.length).toBe(10);
    expect(reader.summary).toMatchObject({ samples: 9_000, endTrimSamples: 288 });
  });

  it("takes the time of a file that starts later for no trim", async () => {
    const later = [
      page({ packets: [packet(0), packet(1)], granule: 481_920n, sequence: 2 }),
      page({ packets: [packet(2), packet(3)], granule: 483_500n, sequence: 3, flags: eos }),
    ];
    const reader = await readOggOpus(concat(headers(), ...later));
    expect((await collectAll(reader)).map(({ timestamp }) => timestamp)).toEqual([
      0, 20_000, 40_000, 60_000,
    ]);
    expect(reader.summary).toMatchObject({ endTrimSamples: 340, samples: 3_840 - 340 - 312 });
  });

  it("gives every chunk the time and the duration of its packet", async () => {
    const mixed = [Uint8Array.of(0xe0, 1), Uint8Array.of(0x18, 1), Uint8Array.of(0xfb, 3, 1, 1, 1)];
    const file = concat(
      headers(),
      page({ packets: mixed, granule: 5_880n, sequence: 2, flags: eos }),
    );
    const reader = await readOggOpus(file);
    const times = (await collectAll(reader)).map(({ timestamp, duration }) => [
      timestamp,
      duration,
    ]);
    expect(times).toEqual([
      [0, 2_500],
      [2_500, 60_000],
      [62_500, 60_000],
    ]);
  });

  it("passes over other streams, and empty pages", async () => {
    const [one, two] = audioPages(2, 3);
    const file = concat(
      other(0, bos),
      page({ packets: [head()], flags: bos }),
      other(1),
      page({ packets: [tags()], sequence: 1 }),
      page({ sequence: 2, granule: -1n }),
      other(2),
      one ?? other(3),
      other(3, eos),
      two ?? other(4),
    );
    const reader = await readOggOpus(file);
    expect((await collectAll(reader)).length).toBe(20);
    expect(reader.summary).toMatchObject({ complete: true });
  });

  it("reads a file that stops between two pages to its end", async () => {
    const reader = await readOggOpus(concat(headers(), ...audioPages(3).slice(0, 2)));
    expect((await collectAll(reader)).length).toBe(20);
    expect(reader.summary).toMatchObject({ complete: false, samples: 20 * 960 - 312 });
  });

  it("reads a file without audio", async () => {
    const reader = await readOggOpus(headers());
    expect(await collectAll(reader)).toEqual([]);
    expect(reader.summary).toMatchObject({ packets: 0, samples: 0 });
    const empty = await readOggOpus(await written(0));
    expect(await collectAll(empty)).toEqual([]);
    expect(empty.summary).toMatchObject({ complete: true });
  });

  it("reads from a file handle, and leaves it open", async () => {
    const folder = await mkdtemp(join(tmpdir(), "conic-ogg-"));
    try {
      const path = join(folder, "a.ogg");
      await using out = await open(path, "w+");
      const writer = new OggOpusWriter(fileSink(out), { numberOfChannels: 1 });
      for await (const chunk of chunks(100)) await writer.write(chunk);
      const { fileBytes } = await writer.close();
      expect((await out.stat()).size).toBe(fileBytes);
      await using file = await open(path);
      const reader = await readOggOpus(file);
      expect(await collectAll(reader)).toEqual(await collectAll(chunks(100)));
      expect((await file.stat()).size).toBe(fileBytes);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("the life of a reader", () => {
  it("reads no more of a source than is asked for", async () => {
    let given = 0;
    function* endless(): Generator<Uint8Array> {
      yield headers();
      for (let sequence = 2; ; sequence += 1) {
        given += 1;
        yield page({ packets: [packet(0)], granule: BigInt((sequence - 1) * 960), sequence });
      }
    }
    const reader = await readOggOpus(endless());
    let read = 0;
    for await (const chunk of reader) {
      expect(chunk.data.length).toBe(40);
      read += 1;
      // What the demuxer looks ahead: headers of pages, 282 bytes.
      expect(given - read).toBeLessThan(8);
      if (read === 2_000) break;
    }
    expect(given).toBeLessThan(2_008);
  });

  it("releases the source when the loop is left, and when it is closed before", async () => {
    for (const leave of ["loop", "close"]) {
      let released = 0;
      async function* source(): AsyncGenerator<Uint8Array> {
        try {
          yield await Promise.resolve(headers());
          for (const each of audioPages(100)) yield each;
        } finally {
          released += 1;
        }
      }
      const reader = await readOggOpus(source());
      if (leave === "loop") {
        for await (const chunk of reader) {
          if (chunk.timestamp === 0) break;
        }
      }
      await reader.close();
      await reader.close();
      expect(released).toBe(1);
    }
  });

  it("is read by one loop, once", async () => {
    const reader = await readOggOpus(await written(3));
    await collectAll(reader);
    expect(() => reader[Symbol.asyncIterator]()).toThrow(
      expect.objectContaining({ code: "invalid_state" }),
    );
  });

  it("ends when the signal fires, even while the source is silent", async () => {
    const controller = new AbortController();
    const reader = await readOggOpus(silentSource(), { signal: controller.signal });
    const all = (async (): Promise<void> => {
      for await (const chunk of reader) {
        if (chunk.timestamp === 180_000) controller.abort();
      }
    })();
    await expect(all).rejects.toMatchObject({ code: "aborted" });
    await expect(readOggOpus(headers(), { signal: controller.signal })).rejects.toMatchObject({
      code: "aborted",
    });
  });

  it("passes on errors of the source, after what came before them", async () => {
    const failure = new Error("disk gone");
    function* source(): Generator<Uint8Array> {
      yield headers();
      yield* audioPages(2).slice(0, 1);
      throw failure;
    }
    const reader = await readOggOpus(source());
    let read = 0;
    const all = (async (): Promise<void> => {
      for await (const chunk of reader) read += chunk.duration / 20_000;
    })();
    await expect(all).rejects.toBe(failure);
    expect(read).toBe(10);
    const strings = ["OggS"] as unknown as Iterable<Uint8Array>;
    await expect(readOggOpus(strings)).rejects.toMatchObject({ code: "invalid_argument" });
  });

  it.each([-1, 1.5, NaN])("refuses maxTagsBytes %d", async (maxTagsBytes) => {
    await expect(readOggOpus(headers(), { maxTagsBytes })).rejects.toMatchObject({
      code: "invalid_argument",
    });
  });
});
