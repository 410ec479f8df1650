import { collectAll } from "@conic/internal-testing";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { readI420, readY4m } from "../src/index.js";
import { cut, drain, pictureBytes, rejection, y4mFile } from "./support/files.js";

describe("Y4M", () => {
  it.each([
    [16, 16],
    [17, 9],
    [1, 1],
  ])("gives the pictures of %ix%i, in any pieces", async (width, height) => {
    const file = y4mFile(width, height, 4);
    for (const piece of [1, 7, 50_000]) {
      const reader = await readY4m(cut(file, piece));
      expect(reader).toMatchObject({ width, height, framerate: 30 });
      const frames = await collectAll(reader.frames());
      expect(frames.map(({ timestamp }) => timestamp)).toEqual([0, 33_333, 66_667, 100_000]);
      expect(frames.map(({ duration }) => duration)).toEqual([33_333, 33_334, 33_333, 33_333]);
      for (const [index, frame] of frames.entries()) {
        expect([frame.codedWidth, frame.codedHeight]).toEqual([width, height]);
        expect(frame.data).toEqual(pictureBytes(frame.data.length, index));
      }
    }
  });

  it("says the exact rate, and times by it", async () => {
    const reader = await readY4m(y4mFile(2, 2, 31, "F30000:1001"));
    expect(reader.frameRate).toEqual({ numerator: 30_000, denominator: 1_001 });
    expect(reader.framerate).toBeCloseTo(29.97, 3);
    const frames = await collectAll(reader.frames());
    expect(frames.at(30)?.timestamp).toBe(1_001_000);
  });

  it.each(["F0:0", ""])("takes the given rate where the file has none (%s)", async (parameters) => {
    const file = y4mFile(2, 2, 1, parameters);
    expect((await readY4m(file)).framerate).toBe(30);
    expect((await readY4m(file, { framerate: 25 })).framerate).toBe(25);
  });

  it.each(["C420", "C420jpeg", "C420mpeg2", "C420paldv", "It", "XYSCSS=420JPEG XCOLORRANGE=FULL"])(
    "reads %s",
    async (parameters) => {
      const reader = await readY4m(y4mFile(4, 4, 2, `F25:1 ${parameters}`));
      expect(await collectAll(reader.frames())).toHaveLength(2);
    },
  );

  it.each(["C422", "C444", "Cmono", "C420p10", "C411"])(
    "says that it cannot read %s",
    async (c) => {
      const error = await rejection(() => readY4m(y4mFile(4, 4, 1, `F25:1 ${c}`)));
      expect(error).toMatchObject({ code: "unsupported", details: { byteOffset: 22 } });
      expect(String(error)).toContain("-pix_fmt yuv420p");
    },
  );

  it("reads parameters of single pictures", async () => {
    const [head = "", body = ""] = Buffer.from(y4mFile(2, 2, 1))
      .toString("latin1")
      .split("FRAME");
    const file = Buffer.from(`${head}FRAME Ixyz${body}`, "latin1");
    expect(await collectAll((await readY4m(file)).frames())).toHaveLength(1);
  });

  it.each<[string, string, number]>([
    ["another file", "RIFF....", 0],
    ["a word that only starts alike", "YUV4MPEG22 W2 H2\n", 0],
    ["no width", "YUV4MPEG2 H2\n", 12],
    ["no height", "YUV4MPEG2 W2\n", 12],
    ["a width of 0", "YUV4MPEG2 W0 H2\n", 10],
    ["a height that is no number", "YUV4MPEG2 W2 H2x\n", 13],
    ["a width of 16384", "YUV4MPEG2 W16384 H2\n", 10],
    ["a rate that is no ratio", "YUV4MPEG2 W2 H2 F30\n", 16],
    ["a rate through 0", "YUV4MPEG2 W2 H2 F30:0\n", 16],
    ["a header without end", "YUV4MPEG2 W2 H2", 15],
    ["an endless header", `YUV4MPEG2 W2 H2 X${"a".repeat(5_000)}`, 1_024],
  ])("refuses %s", async (_, text, byteOffset) => {
    const error = await rejection(() => readY4m(Buffer.from(text)));
    expect(error).toMatchObject({ code: "invalid_data", details: { byteOffset } });
  });

  it("gives the whole pictures of a file that breaks off, then invalid_data where it does", async () => {
    const file = y4mFile(4, 2, 2);
    const starts = [file.length - 2 * 18, file.length - 18, file.length];
    for (let length = starts[0] ?? 0; length <= file.length; length += 1) {
      const { items, error } = await drain((await readY4m(file.subarray(0, length))).frames());
      expect(items).toHaveLength(starts.filter((start) => start <= length).length - 1);
      const code = starts.includes(length) ? undefined : "invalid_data";
      expect((error as { code?: string } | undefined)?.code).toBe(code);
    }
  });

  it("refuses what stands between two pictures", async () => {
    const file = y4mFile(4, 2, 2);
    const second = file.length - 18;
    file[second] = 0x20;
    const { items, error } = await drain((await readY4m(file)).frames());
    expect(items).toHaveLength(1);
    expect(error).toMatchObject({ code: "invalid_data", details: { byteOffset: second } });
  });

  it("reads pictures of maxFrameBytes and refuses one byte more", async () => {
    const file = y4mFile(4, 4, 1);
    expect((await readY4m(file, { maxFrameBytes: 24 })).width).toBe(4);
    const error = await rejection(() => readY4m(file, { maxFrameBytes: 23 }));
    expect(error).toMatchObject({ code: "unsupported" });
    const huge = Buffer.from("YUV4MPEG2 W16383 H16383\n");
    expect(await rejection(() => readY4m(huge))).toMatchObject({ code: "unsupported" });
  });
});

describe("I420", () => {
  const size = { width: 5, height: 3 };

  it("gives the pictures of a file handle, which stays open", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "conic-i420-"));
    try {
      const name = path.join(folder, "a.yuv");
      await writeFile(name, Buffer.concat([pictureBytes(27, 0), pictureBytes(27, 1)]));
      await using file = await open(name);
      await using reader = await readI420(file, { ...size, framerate: 50 });
      const frames = await collectAll(reader.frames());
      expect(frames.map(({ data }) => data)).toEqual([pictureBytes(27, 0), pictureBytes(27, 1)]);
      expect(frames.map(({ timestamp }) => timestamp)).toEqual([0, 20_000]);
      expect((await file.stat()).size).toBe(54);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("says of a last picture that is not whole that the size may be wrong", async () => {
    const reader = await readI420(new Uint8Array(40), size);
    const { items, error } = await drain(reader.frames());
    expect(items).toHaveLength(1);
    expect(error).toMatchObject({ code: "invalid_data", details: { byteOffset: 40 } });
    expect(String(error)).toMatch(/picture 1 has 13 of 27 bytes; is 5x3 the right size/);
  });

  it("gives nothing of nothing", async () => {
    expect(await collectAll((await readI420(new Uint8Array(0), size)).frames())).toEqual([]);
  });

  it.each([
    { width: 0 },
    { height: 1.5 },
    { framerate: Number.NaN },
    { framerate: { numerator: 1, denominator: 0 } },
    { maxFrameBytes: 26 },
  ])("refuses %o", async (options) => {
    const error = await rejection(() => readI420(new Uint8Array(0), { ...size, ...options }));
    expect(error).toMatchObject({ code: "invalid_argument" });
  });

  it("refuses a source that is none", async () => {
    const source = {} as Uint8Array;
    expect(await rejection(() => readI420(source, size))).toMatchObject({
      code: "invalid_argument",
    });
    const text = ["abc"] as unknown as Uint8Array[];
    const { error } = await drain((await readI420(text, size)).frames());
    expect(error).toMatchObject({ code: "invalid_argument" });
  });
});
