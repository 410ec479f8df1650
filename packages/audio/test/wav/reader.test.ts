import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { createReadStream } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { ReadableStream } from "node:stream/web";
import { watchLeaks } from "@conic/internal-testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decodeWav, encodeWav, readWav, tone, type WavSource } from "../../src/index.js";
import { cut, planarOf } from "../support/read.js";

const [wave = new Float32Array()] = tone({ frames: 100_000, framesPerBlock: 100_000, channels: 2 });
const file = encodeWav(wave, { channels: 2, sampleRate: 48_000 });
const expected = decodeWav(file).channelData;

/** A source that says whether it was released. */
class Watched implements AsyncIterable<Uint8Array> {
  released = false;
  readonly #chunks: readonly Uint8Array[];

  constructor(chunks: readonly Uint8Array[]) {
    this.#chunks = chunks;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (const chunk of this.#chunks) yield await Promise.resolve(chunk);
    } finally {
      this.released = true;
    }
  }
}

function never(): AsyncGenerator<Uint8Array> {
  return (async function* () {
    yield file.slice(0, 5000);
    await new Promise(() => undefined);
  })();
}

describe("readWav", () => {
  let directory = "";
  let path = "";
  let noLeaks = watchLeaks();
  beforeEach(async () => {
    noLeaks = watchLeaks();
    directory = await mkdtemp(join(tmpdir(), "conic-audio-"));
    path = join(directory, "wave.wav");
    await writeFile(path, file);
  });
  afterEach(async () => {
    await rm(directory, { recursive: true });
    await noLeaks();
  });

  it.each<[string, () => WavSource]>([
    ["bytes", () => file],
    ["an iterable", () => [file.slice(0, 9), file.slice(9)]],
    ["an async iterable", () => cut(file, 4097)],
    ["a Node stream", () => Readable.from(cut(file, 4097))],
    ["a ReadableStream", () => ReadableStream.from(cut(file, 4097)) as AsyncIterable<Uint8Array>],
    ["a file stream", () => createReadStream(path)],
  ])("reads %s", async (_, source) => {
    const reader = await readWav(source());
    expect(reader.info.format).toMatchObject({ channels: 2, sampleRate: 48_000, validBits: 16 });
    expect(reader.info.frames).toBe(100_000);
    expect(reader.summary).toBeUndefined();
    expect(await planarOf(reader)).toEqual(expected);
    expect(reader.summary).toMatchObject({ frames: 100_000, truncated: false });
  });

  it("reads a file handle, and leaves it open", async () => {
    const handle = await open(path);
    try {
      const reader = await readWav(handle);
      expect(await planarOf(reader)).toEqual(expected);
      expect((await handle.stat()).size).toBe(file.length);
    } finally {
      await handle.close();
    }
  });

  it("numbers the frames of its blocks without a gap", async () => {
    const reader = await readWav(cut(file, 999));
    let frame = 0;
    for await (const block of reader.blocks()) {
      expect(block.firstFrame).toBe(frame);
      frame += block.frames;
    }
    expect(frame).toBe(100_000);
  });

  it("gives blocks of framesPerBlock, and the rest at last", async () => {
    const reader = await readWav(cut(file, 999), { framesPerBlock: 960 });
    const sizes: number[] = [];
    for await (const block of reader.blocks()) sizes.push(block.frames);
    expect(sizes.length).toBe(105);
    expect(new Set(sizes.slice(0, -1))).toEqual(new Set([960]));
    expect(sizes.at(-1)).toBe(100_000 - 104 * 960);
  });

  it("cuts a huge chunk into blocks of 256 KiB at most", async () => {
    const reader = await readWav(file);
    for await (const block of reader.blocks()) {
      expect(block.bytes.length).toBeLessThanOrEqual(256 * 1024);
    }
  });

  it("stops reading at the last sample", async () => {
    const source = new Watched([file, new Uint8Array(7), new Uint8Array(8)]);
    const reader = await readWav(source);
    await planarOf(reader);
    expect(source.released).toBe(true);
  });
});

describe("a reader releases its source", () => {
  it("when the loop is left", async () => {
    const source = new Watched([file.slice(0, 100), file.slice(100)]);
    for await (const block of (await readWav(source)).blocks()) {
      expect(block.frames).toBeGreaterThan(0);
      break;
    }
    expect(source.released).toBe(true);
  });

  it("when it is closed, once and for all", async () => {
    const source = new Watched([file.slice(0, 100), file.slice(100)]);
    const reader = await readWav(source);
    await reader.close();
    await reader.close();
    expect(source.released).toBe(true);
    expect(await planarOf(reader)).toEqual([new Float32Array(), new Float32Array()]);
    expect(reader.summary).toBeUndefined();
  });

  it("when it is disposed", async () => {
    const source = new Watched([file.slice(0, 100), file.slice(100)]);
    const reader = await readWav(source);
    await reader[Symbol.asyncDispose]();
    expect(source.released).toBe(true);
  });

  it("when the file is not one", async () => {
    const source = new Watched([new Uint8Array(100), new Uint8Array(100)]);
    await expect(readWav(source)).rejects.toMatchObject({ code: "invalid_data" });
    expect(source.released).toBe(true);
  });

  it("without waiting for a read that does not come", async () => {
    const reader = await readWav(never());
    const blocks = reader.blocks();
    await blocks.next();
    const stuck = blocks.next();
    await reader.close();
    await expect(Promise.race([stuck, Promise.resolve("stuck")])).resolves.toBe("stuck");
  });
});

describe("a reader that is aborted", () => {
  it("before it begins leaves the source alone", async () => {
    const source = new Watched([file]);
    const signal = AbortSignal.abort(new Error("no"));
    await expect(readWav(source, { signal })).rejects.toMatchObject({ code: "aborted" });
    expect(source.released).toBe(false);
  });

  it("while it waits for the source stops waiting", async () => {
    const controller = new AbortController();
    const reader = await readWav(never(), { signal: controller.signal });
    const blocks = reader.blocks();
    await blocks.next();
    const next = blocks.next();
    controller.abort(new Error("enough"));
    await expect(next).rejects.toMatchObject({ code: "aborted", cause: { message: "enough" } });
  });

  it("between blocks gives no more", async () => {
    const controller = new AbortController();
    const reader = await readWav(file, { signal: controller.signal, framesPerBlock: 10 });
    const blocks = reader.blocks();
    await blocks.next();
    controller.abort();
    await expect(blocks.next()).rejects.toMatchObject({ code: "aborted" });
  });
});

describe("misuse of a reader", () => {
  it("is a second loop", async () => {
    const reader = await readWav(file);
    reader.blocks();
    expect(() => reader.blocks()).toThrow(expect.objectContaining({ code: "invalid_state" }));
    await reader.close();
  });

  it("is a source of strings", async () => {
    const source = Readable.from(["RIFF"]) as AsyncIterable<Uint8Array>;
    await expect(readWav(source)).rejects.toMatchObject({ code: "invalid_argument" });
  });

  it("is a source that is none", async () => {
    await expect(readWav({} as AsyncIterable<Uint8Array>)).rejects.toMatchObject({
      code: "invalid_argument",
    });
  });

  it("is framesPerBlock of less than 1, or of more than 16 MiB", async () => {
    for (const framesPerBlock of [0, -1, 1.5, Number.NaN, 4 * 2 ** 20 + 1]) {
      await expect(readWav(file, { framesPerBlock })).rejects.toMatchObject({
        code: "invalid_argument",
      });
    }
    const reader = await readWav(file, { framesPerBlock: 4 * 2 ** 20 });
    expect(await planarOf(reader)).toEqual(expected);
  });

  it("lets errors of the source through as they are", async () => {
    const failing = (async function* () {
      yield await Promise.resolve(file.slice(0, 100));
      throw new RangeError("disk on fire");
    })();
    const reader = await readWav(failing);
    await expect(planarOf(reader)).rejects.toThrow(RangeError);
  });
});
