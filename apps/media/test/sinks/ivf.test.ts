import { readFile } from "node:fs/promises";
import type { EncodedChunk, ReceivedChunk } from "@conic/domain";
import { collectAll } from "@conic/internal-testing";
import { readIvf, type IvfReader } from "@conic/video";
import { describe, expect, it } from "vitest";
import { estimateFramerate } from "../../src/sinks/formats/framerate.js";
import { openRecorder, type RecordingSummary } from "../../src/sinks/recorder.js";
import { opus } from "../support/opus.js";
import { withLoss } from "../support/received.js";
import { tempFolder } from "../support/temp-folder.js";
import { receivedVideo } from "../support/video.js";

const path = tempFolder();

interface Recorded {
  readonly summary: RecordingSummary;
  readonly reader: IvfReader;
  readonly frames: EncodedChunk[];
}

async function recorded(chunks: readonly ReceivedChunk[]): Promise<Recorded> {
  const recorder = await openRecorder(path("a.ivf"), { kinds: ["video"], opus });
  for (const chunk of chunks) await recorder.write("video", chunk);
  const summary = await recorder.close();
  const reader = await readIvf(await readFile(path("a.ivf")));
  return { summary, reader, frames: await collectAll(reader.frames()) };
}

describe("a recording in IVF", () => {
  it("holds the frames as they came, at their rate, with the size of the first", async () => {
    const chunks = receivedVideo(100, 25);
    const { summary, reader, frames } = await recorded(chunks);
    expect(reader).toMatchObject({ width: 320, height: 240, frameCount: 100 });
    expect(reader.timebase).toEqual({ numerator: 25, denominator: 1 });
    expect(frames.map(({ data }) => data)).toEqual(chunks.map(({ data }) => data));
    expect(frames.map(({ timestamp }) => timestamp)).toEqual(
      frames.map((_, index) => index * 40_000),
    );
    expect(summary).toMatchObject({ written: true, seconds: 4, videoFrames: 100, dropped: 0 });
  });

  it("begins with the first key frame", async () => {
    const { summary, frames } = await recorded(receivedVideo(50, 30, { keys: [20] }));
    expect(frames.map(({ type }) => type)).toEqual([
      "key",
      ...Array.from({ length: 29 }, () => "delta"),
    ]);
    expect(frames[0]?.timestamp).toBe(0);
    expect(summary).toMatchObject({ videoFrames: 30, dropped: 20, seconds: 1 });
  });

  it("leaves the time of lost frames empty", async () => {
    const lost = withLoss(
      receivedVideo(60, 30, { keys: [0, 45] }),
      (index) => index >= 40 && index < 45,
    );
    const { summary, frames } = await recorded(lost);
    expect(summary).toMatchObject({ videoFrames: 55, lost: 5, seconds: 2 });
    expect(frames[40]?.timestamp).toBe(1_500_000);
  });

  it.each([1, 29, 30, 31])("is complete with %i frames", async (count) => {
    const { summary, frames } = await recorded(receivedVideo(count));
    expect([frames.length, summary.videoFrames]).toEqual([count, count]);
    expect(summary.seconds).toBeCloseTo(count / 30, 5);
  });
});

describe("the frame rate of a recording", () => {
  it.each([
    [[], 30],
    [[0], 30],
    [[0, 0, 0], 30],
    [[0, 33_333, 66_667, 100_000], 30],
    [[0, 33_000, 67_000, 300_000, 333_000], 30],
    [[0, 40_000, 80_000], 25],
    [[0, 66_000, 134_000, 200_000], 15],
    [[0, 4_000_000], 1],
    [[0, 1000, 2000], 120],
  ])("of frames at %j is %i", (timestamps, expected) => {
    expect(estimateFramerate(timestamps)).toBe(expected);
  });
});
