import { mkdir, writeFile } from "node:fs/promises";
import type { EncodedChunk } from "@conic/domain";
import { collect, collectAll } from "@conic/internal-testing";
import { readFrameCounter } from "@conic/video";
import { describe, expect, it } from "vitest";
import { Timeline } from "../../src/sources/pace/timeline.js";
import type { VideoSource, VideoSourceOptions } from "../../src/sources/source.js";
import { openVideoSource } from "../../src/sources/video.js";
import { expectAborted } from "../support/aborted.js";
import { AutoClock } from "../support/auto-clock.js";
import { failure } from "../support/failure.js";
import { fakeVp8 } from "../support/fake-vp8.js";
import { ivfFile, vp8Frame } from "../support/ivf.js";
import { openFiles } from "../support/open-files.js";
import { tempFolder } from "../support/temp-folder.js";

const path = tempFolder();

/** Every chunk, as fast as it is read. */
async function chunks(options: VideoSourceOptions, count = Infinity): Promise<EncodedChunk[]> {
  const source = await openVideoSource(options, fakeVp8());
  return collect(source.chunks(), count);
}

function times(found: readonly EncodedChunk[]): number[] {
  return found.map(({ timestamp }) => timestamp);
}

async function written(name: string, bytes: Uint8Array | string): Promise<string> {
  await writeFile(path(name), bytes);
  return path(name);
}

/** The number in each picture; the fake codec leaves pictures as they are. */
function counters(found: readonly EncodedChunk[], width = 640, height = 480): unknown[] {
  return found.map(({ timestamp, duration, data }) =>
    readFrameCounter({ codedWidth: width, codedHeight: height, timestamp, duration, data }),
  );
}

describe("a pattern", () => {
  it("counts its pictures, 640x480 at 30 a second", async () => {
    await using source = await openVideoSource({}, fakeVp8());
    expect(source.description).toBe("counted pattern, 640x480, 30 frames/s");
    const found = await collect(source.chunks(), 4);
    expect(counters(found)).toEqual([0, 1, 2, 3]);
    expect(times(found)).toEqual([0, 33_333, 66_667, 100_000]);
  });

  it("has the size, the rate and the length that were asked for", async () => {
    const options = { pattern: "checker", size: "65x33", framerate: 10, seconds: 1 } as const;
    const source = await openVideoSource(options, fakeVp8());
    expect(source).toMatchObject({ width: 65, height: 33, framerate: 10 });
    const found = await collectAll(source.chunks());
    expect(found).toHaveLength(10);
    expect(new Set(found.map(({ data }) => data.length))).toEqual(new Set([65 * 33 + 2 * 33 * 17]));
  });
});

describe("a raw source", () => {
  it("makes a key frame when one is wanted, and asks once for each frame", async () => {
    const source = await openVideoSource({ size: "64x64" }, fakeVp8());
    let asked = 0;
    const keyFrameWanted = (): boolean => (asked += 1) === 4;
    const found = await collect(source.chunks({ keyFrameWanted }), 6);
    expect(found.map(({ type }) => type)).toEqual([
      "key",
      "delta",
      "delta",
      "key",
      "delta",
      "delta",
    ]);
    expect(asked).toBe(6);
  });

  it("is encoded with the bits a second that it is told with each frame", async () => {
    const codec = fakeVp8();
    const source = await openVideoSource({ size: "320x240", bitrate: 70_000 }, codec);
    let bitrate = 60_000;
    await collect(source.chunks({ bitrate: () => (bitrate += 1_000) }), 3);
    expect(codec.bitrates.slice(0, 3)).toEqual([61_000, 62_000, 63_000]);
    expect(source.maxBitrate).toBe(70_000);
  });

  it("takes a million bits a second at 640x480, and in proportion, when it is not told", async () => {
    for (const [size, framerate, bitrate] of [
      ["640x480", 30, 1_000_000],
      ["320x240", 15, 125_000],
      ["64x64", 1, 10_000],
    ] as const) {
      await using source = await openVideoSource({ size, framerate }, fakeVp8());
      expect(source.maxBitrate).toBe(bitrate);
    }
  });

  it("makes the next frame the key frame when the encoder leaves the wanted one out", async () => {
    const codec = fakeVp8();
    const source = await openVideoSource({ size: "64x64" }, codec);
    let asked = 0;
    const keyFrameWanted = (): boolean => {
      asked += 1;
      if (asked === 3) codec.leaveOut = 2;
      return asked === 3;
    };
    const found = await collect(source.chunks({ keyFrameWanted }), 4);
    expect(found.map(({ type }) => type)).toEqual(["key", "delta", "key", "delta"]);
    expect(counters(found, 64, 64)).toEqual([0, 1, 4, 5]);
  });

  it("leaves out pictures that are late, before they are encoded, and counts them", async () => {
    const clock = new AutoClock();
    const source = await openVideoSource({ size: "64x64", framerate: 25, seconds: 4 }, fakeVp8());
    const found: EncodedChunk[] = [];
    for await (const chunk of source.chunks({ timeline: new Timeline({ clock }) })) {
      found.push(chunk);
      expect(clock.now()).toBeCloseTo(chunk.timestamp / 1000, 3);
      if (chunk.timestamp === 1_000_000) clock.stall(1000);
    }
    expect(source.skippedFrames).toBe(24);
    expect(found).toHaveLength(76);
    expect(found.map(({ type }) => type).lastIndexOf("key")).toBe(0);
  });
});

function y4m(header: string, pictures: number, bytes: number): Uint8Array {
  const parts = [Buffer.from(`YUV4MPEG2 ${header}\n`)];
  for (let n = 0; n < pictures; n += 1) {
    parts.push(Buffer.from("FRAME\n"), Buffer.alloc(bytes, n));
  }
  return new Uint8Array(Buffer.concat(parts));
}

describe("a Y4M file", () => {
  it("says its size and its rate, also odd ones", async () => {
    const file = await written("a.y4m", y4m("W33 H17 F30000:1001", 3, 33 * 17 + 2 * 17 * 9));
    const source = await openVideoSource({ y4m: file }, fakeVp8());
    expect(source).toMatchObject({
      description: "a.y4m, raw 33x17, 29.97 frames/s",
      width: 33,
      height: 17,
    });
    const found = await collectAll(source.chunks());
    expect(times(found)).toEqual([0, 33_367, 66_733]);
    expect(found.map(({ data }) => data[0])).toEqual([0, 1, 2]);
  });

  it("starts again with --loop, with timestamps and one encoder that go on", async () => {
    const file = await written("a.y4m", y4m("W16 H16 F25:1", 3, 384));
    const found = await chunks({ y4m: file, loop: true }, 8);
    expect(found.map(({ data }) => data[0])).toEqual([0, 1, 2, 0, 1, 2, 0, 1]);
    expect(times(found)).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((n) => n * 40_000));
    expect(found.filter(({ type }) => type === "key")).toHaveLength(1);
    expect(await openFiles(file)).toBe(0);
  });

  it("that breaks off is played to its last whole picture, then named", async () => {
    const file = await written("a.y4m", y4m("W16 H16 F25:1", 3, 384).subarray(0, -1));
    await expectBroken({ y4m: file }, 2, /a\.y4m: .*ends in picture 2.*\(at byte \d+\)$/);
  });
});

/** Whole frames first, then one line. */
async function expectBroken(
  options: VideoSourceOptions,
  whole: number,
  message: RegExp,
): Promise<void> {
  const source = await openVideoSource(options, fakeVp8());
  const found: EncodedChunk[] = [];
  const playing = (async () => {
    for await (const chunk of source.chunks()) found.push(chunk);
  })();
  await expect(playing).rejects.toMatchObject({
    code: "invalid_data",
    message: expect.stringMatching(message) as string,
    details: { byteOffset: expect.any(Number) as number },
  });
  expect(found).toHaveLength(whole);
}

describe("a file of raw I420", () => {
  it("is read with its size and rate", async () => {
    const file = await written(
      "a.yuv",
      Buffer.concat([Buffer.alloc(384, 1), Buffer.alloc(384, 2)]),
    );
    const source = await openVideoSource({ yuv: file, size: "16x16", framerate: 50 }, fakeVp8());
    expect(source.description).toBe("a.yuv, raw 16x16, 50 frames/s");
    const found = await collectAll(source.chunks());
    expect(found.map(({ data }) => data[383])).toEqual([1, 2]);
    expect(times(found)).toEqual([0, 20_000]);
  });

  it("of another length than its pictures have is refused before anything is sent", async () => {
    const file = await written("a.yuv", Buffer.alloc(1000));
    const opening = chunks({ yuv: file, size: "16x16" });
    await expect(opening).rejects.toThrow(
      /a\.yuv has 1000 bytes: no whole number of 16x16 pictures, which have 384 each; is --size right\?$/,
    );
    expect(await openFiles(file)).toBe(0);
  });
});

const frame = (pts: number, key: boolean): { pts: number; data: Uint8Array } => ({
  pts,
  data: vp8Frame(key, 50 + pts),
});

describe("an IVF file", () => {
  it("is sent as it is", async () => {
    const frames = [frame(0, true), frame(1, false), frame(2, false)];
    const source = await openVideoSource(
      { ivf: await written("a.ivf", ivfFile({ frames })) },
      fakeVp8(),
    );
    expect(source).toMatchObject({ description: "a.ivf, VP8 640x480, 30 frames/s", framerate: 30 });
    const found = await collectAll(source.chunks());
    expect(found.map(({ data }) => data)).toEqual(frames.map(({ data }) => data));
    expect(found.map(({ type }) => type)).toEqual(["key", "delta", "delta"]);
    expect(times(found)).toEqual([0, 33_333, 66_667]);
  });

  it("of a larger one starts at its first key frame, at 0", async () => {
    const frames = [frame(7, false), frame(8, true), frame(9, false)];
    const found = await chunks({ ivf: await written("a.ivf", ivfFile({ frames })) });
    expect(found.map(({ type }) => type)).toEqual(["key", "delta"]);
    expect(times(found)).toEqual([0, 33_333]);
  });

  it.each([
    [
      [frame(0, true), frame(1, false)],
      [0, 33_333, 66_666, 99_999],
    ],
    [[frame(5, true)], [0, 33_333, 66_667, 100_000]],
  ])("starts again with --loop, with timestamps that go on", async (frames, expected) => {
    const ivf = await written("a.ivf", ivfFile({ frames }));
    const found = await chunks({ ivf, loop: true }, 4);
    for (const [index, time] of times(found).entries()) {
      expect(Math.abs(time - (expected[index] ?? NaN))).toBeLessThan(2);
    }
    expect(await openFiles(ivf)).toBe(0);
  });

  it("whose times are ticks of a clock does not say its rate", async () => {
    const frames = [frame(0, true), frame(40, false)];
    const ivf = await written("a.ivf", ivfFile({ frames, rate: 1000 }));
    await using source = await openVideoSource({ ivf }, fakeVp8());
    expect([source.description, source.framerate]).toEqual(["a.ivf, VP8 640x480", undefined]);
  });

  it("that is truncated is played to its last whole frame, then named", async () => {
    const bytes = ivfFile({ frames: [frame(0, true), frame(1, false), frame(2, false)] });
    const ivf = await written("a.ivf", bytes.subarray(0, -1));
    await expectBroken({ ivf }, 2, /a\.ivf: .*\(at byte \d+\)$/);
    expect(await openFiles(ivf)).toBe(0);
  });

  it("is never skipped: after a stall it follows closely", async () => {
    const frames = Array.from({ length: 60 }, (_, n) => frame(n, n === 0));
    const ivf = await written("a.ivf", ivfFile({ frames }));
    const source = await openVideoSource({ ivf }, fakeVp8());
    const clock = new AutoClock();
    const at: number[] = [];
    for await (const _ of source.chunks({ timeline: new Timeline({ clock }) })) {
      at.push(clock.now());
      if (at.length === 10) clock.stall(1000);
    }
    expect(at).toHaveLength(60);
    expect(Math.min(...at.slice(1).map((ms, n) => ms - (at[n] ?? 0)))).toBeGreaterThan(8);
    expect(at.at(-1)).toBeCloseTo((59 * 1000) / 30, 0);
  });
});

describe("a video source that cannot be opened", () => {
  it.each<[string, VideoSourceOptions, RegExp]>([
    ["no file", { ivf: "no.ivf" }, /^cannot read \S+no\.ivf: there is no such file$/],
    ["a folder", { y4m: "folder" }, /^cannot read \S+folder: it is a directory$/],
    ["no IVF", { ivf: "text" }, /text: not an IVF file: .*\(at byte 0\)$/],
    ["another codec", { ivf: "av1.ivf" }, /av1\.ivf: the codec "AV01" is not VP8/],
    ["no Y4M", { y4m: "text" }, /text: .*\(at byte 0\)$/],
    [
      "pictures too small",
      { y4m: "small.y4m" },
      /: pictures of 8x8; VP8 is made of 16x16 to 4096x4096$/,
    ],
    [
      "a size that is none",
      { size: "640" },
      /^--size is WIDTHxHEIGHT, 16x16 to 4096x4096, not "640"/,
    ],
    ["a size too small", { size: "15x16" }, /not "15x16"/],
    ["a size too large", { size: "4097x4096" }, /not "4097x4096"/],
    ["half a pixel", { size: "640.5x480" }, /not "640\.5x480"/],
    ["two files", { ivf: "text", y4m: "text" }, /^--ivf and --y4m exclude each other; try --help$/],
    ["a file and a pattern", { yuv: "text", pattern: "counted" }, /^--yuv and --pattern exclude/],
    [
      "a size for IVF",
      { ivf: "text", size: "16x16" },
      /^--size is not for --ivf: the file says it/,
    ],
    ["a rate for Y4M", { y4m: "text", framerate: 5 }, /^--fps is not for --y4m: the file says it/],
  ])("says so in one line: %s", async (_, options, message) => {
    await written("text", "this is a text, and no video at all");
    await written("av1.ivf", ivfFile({ fourcc: "AV01", frames: [] }));
    await written("small.y4m", y4m("W8 H8 F25:1", 1, 96));
    await mkdir(path("folder"));
    const { ivf, y4m: raw, yuv, ...rest } = options;
    const inFolder = (name?: string): string | undefined => name && path(name);
    const codec = fakeVp8();
    const opening = openVideoSource(
      { ...rest, ivf: inFolder(ivf), y4m: inFolder(raw), yuv: inFolder(yuv) },
      codec,
    );
    const line = (await failure(opening)).message;
    expect(line).toMatch(message);
    expect(line).not.toContain("\n");
    expect([codec.open, await openFiles(path())]).toEqual([0, 0]);
  });

  it("says that there is nothing in a file without a frame that can be shown", async () => {
    const frames = [frame(0, false), frame(1, false)];
    for (const [name, bytes] of [
      ["none.ivf", ivfFile({ frames: [] })],
      ["deltas.ivf", ivfFile({ frames })],
    ] as const) {
      const playing = chunks({ ivf: await written(name, bytes), loop: true });
      await expect(playing).rejects.toThrow(`${name}: there is nothing in it to play`);
    }
  });
});

describe("a video source closes its file and its encoder when", () => {
  it.each<[string, (source: VideoSource) => PromiseLike<unknown>]>([
    ["disposed", (source) => source[Symbol.asyncDispose]()],
    ["played to the end", (source) => collectAll(source.chunks())],
    ["left", (source) => collect(source.chunks(), 1)],
    ["aborted", (source) => expectAborted((options) => source.chunks(options))],
  ])("%s", async (_, end) => {
    const file = await written("a.y4m", y4m("W16 H16 F25:1", 10, 384));
    const codec = fakeVp8();
    const source = await openVideoSource({ y4m: file }, codec);
    expect([codec.open, await openFiles(file)]).toEqual([1, 1]);
    await end(source);
    await expect.poll(() => codec.open).toBe(0);
    await expect.poll(() => openFiles(file)).toBe(0);
    await source[Symbol.asyncDispose]();
  });
});
