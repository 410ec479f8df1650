import { isConicError } from "@conic/domain";
import { abortListenerCount, collectAll } from "@conic/internal-testing";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { fileSink, IvfWriter, readIvf } from "../src/index.js";
import { cut, drain, MemorySink, rejection, vp8Chunks, vp8Frame } from "./support/files.js";

const size = { width: 64, height: 48 };

async function ivfOf(count: number, options: object = {}): Promise<Uint8Array> {
  const sink = new MemorySink();
  await using writer = new IvfWriter(sink, { ...size, ...options });
  for (const chunk of vp8Chunks(count)) await writer.write(chunk);
  await writer.close();
  return sink.bytes;
}

/** A file with one field of its header, or of its first frame, changed. */
async function changed(at: number, bytes: readonly number[]): Promise<Uint8Array> {
  const file = await ivfOf(2);
  file.set(bytes, at);
  return file;
}

describe("IVF", () => {
  it("gives back what was written, in any pieces", async () => {
    const chunks = vp8Chunks(25);
    const file = await ivfOf(25);
    for (const piece of [1, 5, 44, 1_000, 100_000]) {
      const reader = await readIvf(cut(file, piece));
      expect(reader).toMatchObject({ fourcc: "VP80", ...size, frameCount: 25 });
      expect(reader.timebase).toEqual({ numerator: 30, denominator: 1 });
      const read = await collectAll(reader.frames());
      expect(read.map(({ data }) => data)).toEqual(chunks.map(({ data }) => data));
      expect(read.map(({ type }) => type)).toEqual(chunks.map(({ type }) => type));
      expect(read.map(({ timestamp }) => timestamp)).toEqual(
        chunks.map(({ timestamp }) => timestamp),
      );
      expect(read.every(({ duration }) => Math.abs(duration - 33_333) <= 1)).toBe(true);
    }
  });

  it("has the header that the format asks for", async () => {
    const file = await ivfOf(3, { framerate: 29.97 });
    const view = new DataView(file.buffer);
    expect(Buffer.from(file.subarray(0, 12)).toString("latin1")).toBe("DKIF\0\0 \0VP80");
    expect([view.getUint16(12, true), view.getUint16(14, true)]).toEqual([64, 48]);
    expect([view.getUint32(16, true), view.getUint32(20, true)]).toEqual([30_000, 1_001]);
    expect(view.getUint32(24, true)).toBe(3);
    expect([view.getUint32(32, true), view.getBigUint64(36, true)]).toEqual([40, 0n]);
    const second = 32 + 12 + 40;
    expect([view.getUint32(second, true), view.getBigUint64(second + 4, true)]).toEqual([41, 1n]);
  });

  it("is written to and read from file handles", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "conic-ivf-"));
    try {
      await using file = await open(path.join(folder, "a.ivf"), "w+");
      await using writer = new IvfWriter(fileSink(file), size);
      for (const chunk of vp8Chunks(12)) await writer.write(chunk);
      const summary = await writer.close();
      expect(summary).toEqual({
        frames: 12,
        keyFrames: 2,
        duration: 400_000,
        fileBytes: (await file.stat()).size,
      });
      await using again = await open(path.join(folder, "a.ivf"));
      expect(await collectAll((await readIvf(again)).frames())).toHaveLength(12);
      expect((await again.stat()).size).toBe(summary.fileBytes);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("leaves the number of frames out where the sink cannot seek", async () => {
    const sink = new MemorySink({ seekable: false });
    await using writer = new IvfWriter(sink, size);
    for (const chunk of vp8Chunks(4)) await writer.write(chunk);
    await writer.close();
    const reader = await readIvf(sink.bytes);
    expect(reader.frameCount).toBe(0);
    expect(await collectAll(reader.frames())).toHaveLength(4);
  });

  it("starts at 0 and never gives two frames one time", async () => {
    const sink = new MemorySink();
    await using writer = new IvfWriter(sink, { ...size, framerate: 30 });
    for (const timestamp of [5_000_000, 5_001_000, 5_033_333, 5_200_000]) {
      await writer.write({ type: "key", timestamp, duration: 0, data: vp8Frame("key") });
    }
    await writer.close();
    const frames = await collectAll((await readIvf(sink.bytes)).frames());
    expect(frames.map(({ timestamp }) => timestamp)).toEqual([0, 33_333, 66_667, 200_000]);
    expect(frames.map(({ duration }) => duration)).toEqual([33_333, 33_334, 133_333, 133_333]);
  });

  it("gives the whole frames of a file that breaks off, then invalid_data where it does", async () => {
    const file = await ivfOf(5);
    const whole = await drain((await readIvf(file)).frames());
    const starts = [32];
    for (const { data } of whole.items) starts.push((starts.at(-1) ?? 0) + 12 + data.length);
    for (let length = 33; length < file.length; length += 1) {
      const { items, error } = await drain((await readIvf(file.subarray(0, length))).frames());
      const complete = starts.filter((start) => start <= length).length - 1;
      expect(items).toHaveLength(complete);
      const fault = isConicError(error) ? [error.code, error.details] : error;
      const expected = ["invalid_data", { byteOffset: length }];
      expect(fault).toEqual(starts.includes(length) ? undefined : expected);
    }
  });

  it.each<[string, number, number[], string, number]>([
    ["another first word", 0, [0x52], "invalid_data", 0],
    ["version 1", 4, [1], "unsupported", 4],
    ["a header of 31 bytes", 6, [31], "invalid_data", 6],
    ["VP9", 8, [...Buffer.from("VP90")], "unsupported", 8],
    ["no rate", 16, [0, 0, 0, 0], "invalid_data", 16],
    ["a header longer than the file", 6, [0xff, 0xff], "invalid_data", 137],
  ])("refuses %s", async (_, at, bytes, code, byteOffset) => {
    const file = await changed(at, bytes);
    expect(await rejection(() => readIvf(file))).toMatchObject({ code, details: { byteOffset } });
  });

  it.each([0, 1, 4, 31])("refuses a file of %i bytes", async (length) => {
    const error = await rejection(async () => readIvf((await ivfOf(1)).subarray(0, length)));
    expect(error).toMatchObject({ code: "invalid_data", details: { byteOffset: length } });
  });

  it("passes over frames without bytes", async () => {
    const file = await ivfOf(2);
    const empty = new Uint8Array(12);
    const bytes = Buffer.concat([file.subarray(0, 32), empty, file.subarray(32), empty]);
    expect(await collectAll((await readIvf(bytes)).frames())).toHaveLength(2);
  });

  it("reads a frame of maxFrameBytes and refuses one byte more before it takes memory", async () => {
    const file = await ivfOf(1);
    expect(await collectAll((await readIvf(file, { maxFrameBytes: 40 })).frames())).toHaveLength(1);
    const { items, error } = await drain((await readIvf(file, { maxFrameBytes: 39 })).frames());
    expect(items).toHaveLength(0);
    expect(error).toMatchObject({ code: "invalid_data", details: { byteOffset: 32 } });
    const hostile = await drain((await readIvf(await changed(32, [255, 255, 255, 255]))).frames());
    expect(hostile.error).toMatchObject({ code: "invalid_data", details: { byteOffset: 32 } });
  });

  it("refuses a time that is no number", async () => {
    const { error } = await drain((await readIvf(await changed(43, [0xff]))).frames());
    expect(error).toMatchObject({ code: "invalid_data", details: { byteOffset: 36 } });
  });

  it("is read by one loop, and closed by leaving it", async () => {
    let released = 0;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        yield* cut(await ivfOf(5), 50);
      } finally {
        released += 1;
      }
    }
    const reader = await readIvf(source());
    for await (const _ of reader.frames()) break;
    expect(released).toBe(1);
    expect(() => reader.frames()).toThrow(expect.objectContaining({ code: "invalid_state" }));
    await reader.close();
    expect(released).toBe(1);
  });

  it("stops waiting for its source when the signal fires", async () => {
    const file = await ivfOf(2);
    async function* source(): AsyncGenerator<Uint8Array> {
      yield file.subarray(0, 40);
      await new Promise(() => undefined);
    }
    const controller = new AbortController();
    const reader = await readIvf(source(), { signal: controller.signal });
    const reading = drain(reader.frames());
    controller.abort();
    expect(isConicError((await reading).error, "aborted")).toBe(true);
    expect(abortListenerCount(controller.signal)).toBe(0);
  });

  it("passes errors of the source and of the sink on unchanged", async () => {
    const fault = new Error("disk");
    const source = {
      read: () => Promise.reject(fault),
    };
    expect(await rejection(() => readIvf(source))).toBe(fault);
    const sink = { write: () => Promise.reject(fault) };
    const writer = new IvfWriter(sink, size);
    const [chunk] = vp8Chunks(1);
    if (chunk === undefined) throw new Error("no chunk");
    expect(await rejection(() => writer.write(chunk))).toBe(fault);
    expect(await rejection(() => writer.write(chunk))).toMatchObject({ code: "closed" });
    expect(await rejection(() => writer.close())).toBe(fault);
    await writer[Symbol.asyncDispose]();
  });

  it("writes one frame at a time, none after close, none without bytes", async () => {
    const writer = new IvfWriter(new MemorySink(), size);
    const [chunk] = vp8Chunks(1);
    if (chunk === undefined) throw new Error("no chunk");
    const first = writer.write(chunk);
    expect(await rejection(() => writer.write(chunk))).toMatchObject({ code: "invalid_state" });
    expect(await rejection(() => writer.close())).toMatchObject({ code: "invalid_state" });
    await first;
    const empty = { ...chunk, data: new Uint8Array(0) };
    expect(await rejection(() => writer.write(empty))).toMatchObject({ code: "invalid_argument" });
    expect(writer.close()).toBe(writer.close());
    expect((await writer.close()).frames).toBe(1);
    expect(await rejection(() => writer.write(chunk))).toMatchObject({ code: "closed" });
  });

  it.each([{ width: 0 }, { height: 16_384 }, { framerate: 0 }, { framerate: 1_001 }])(
    "refuses to write %o",
    (options) => {
      expect(() => new IvfWriter(new MemorySink(), { ...size, ...options })).toThrow(
        expect.objectContaining({ code: "invalid_argument" }),
      );
    },
  );
});
