import { readFile, stat } from "node:fs/promises";
import type { ReceivedChunk } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { Draft } from "../../src/files/atomic-file.js";
import { FileRecorder } from "../../src/sinks/file-recorder.js";
import type { MediaKind } from "../../src/sinks/formats/format.js";
import { WebmFormat } from "../../src/sinks/formats/webm.js";
import { openRecorder, type Recorder, type RecordingSummary } from "../../src/sinks/recorder.js";
import { opus, receivedTone } from "../support/opus.js";
import { tempFolder } from "../support/temp-folder.js";
import { receivedVideo } from "../support/video.js";
import { parseWebm, type Block } from "../support/webm.js";

const path = tempFolder();

interface Received {
  readonly audio?: readonly ReceivedChunk[];
  readonly video?: readonly ReceivedChunk[];
}

/** Writes both in order of arrival. */
async function fill(recorder: Recorder, { audio = [], video = [] }: Received): Promise<void> {
  const all = [
    ...audio.map((chunk) => ({ kind: "audio" as const, chunk })),
    ...video.map((chunk) => ({ kind: "video" as const, chunk })),
  ].toSorted((a, b) => a.chunk.receivedAtMs - b.chunk.receivedAtMs);
  await Promise.all(all.map(({ kind, chunk }) => recorder.write(kind, chunk)));
}

interface Recorded {
  readonly summary: RecordingSummary;
  readonly codecs: string[];
  readonly audio: Block[];
  readonly video: Block[];
}

async function recorded(
  chunks: Received,
  kinds: readonly MediaKind[] = ["audio", "video"],
  open = () => openRecorder(path("a.webm"), { kinds, opus }),
): Promise<Recorded> {
  const recorder = await open();
  await fill(recorder, chunks);
  const summary = await recorder.close();
  const { codecs, blocks } = parseWebm(await readFile(path("a.webm")));
  const of = (codec: string): Block[] => blocks.filter(({ track }) => codecs.get(track) === codec);
  return {
    summary,
    codecs: [...codecs.values()].toSorted(),
    audio: of("A_OPUS"),
    video: of("V_VP8"),
  };
}

describe("a recording in WebM", () => {
  it("holds audio and video as they came, placed by when they arrived", async () => {
    const audio = await receivedTone(100, { arrivalMs: 3000, rtpStart: 9e9 });
    const video = receivedVideo(45, 30, { arrivalMs: 3250 });
    const found = await recorded({ audio, video });
    expect(found.codecs).toEqual(["A_OPUS", "V_VP8"]);
    expect(found.audio.map(({ data }) => data)).toEqual(audio.map(({ data }) => data));
    expect(found.video.map(({ data }) => data)).toEqual(video.map(({ data }) => data));
    expect(found.audio.map(({ time }) => time)).toEqual(audio.map((_, n) => n * 20));
    for (const [n, { time }] of found.video.entries()) {
      expect(Math.abs(time - 250 - (n * 1000) / 30)).toBeLessThanOrEqual(1);
    }
    expect(found.video.filter(({ key }) => key)).toHaveLength(1);
    const { size } = await stat(path("a.webm"));
    expect(found.summary).toMatchObject({
      written: true,
      bytes: size,
      audioPackets: 100,
      videoFrames: 45,
      dropped: 0,
    });
    expect(found.summary.seconds).toBeCloseTo(2, 2);
  });

  it("says how long it is, and where to seek", async () => {
    const video = receivedVideo(90, 30, { keys: [0, 45] });
    const recorder = await openRecorder(path("a.webm"), { kinds: ["audio", "video"], opus });
    await fill(recorder, { audio: await receivedTone(150), video });
    const { seconds } = await recorder.close();
    const { duration, cues } = parseWebm(await readFile(path("a.webm")));
    expect(duration).toBeCloseTo(seconds * 1000, 0);
    expect(cues.length).toBeGreaterThanOrEqual(2);
  });

  it("begins its video with the first key frame, at its own time", async () => {
    const video = receivedVideo(60, 30, { keys: [30] });
    const found = await recorded({ audio: await receivedTone(100), video });
    expect(found.video).toHaveLength(30);
    expect(found.video[0]).toMatchObject({ key: true, time: 1000 });
    expect(found.summary).toMatchObject({ videoFrames: 30, dropped: 30 });
  });

  it.each<[MediaKind, readonly MediaKind[], string]>([
    ["audio", ["audio", "video"], "A_OPUS"],
    ["video", ["audio", "video"], "V_VP8"],
    ["audio", ["audio"], "A_OPUS"],
    ["video", ["video"], "V_VP8"],
  ])("has only %s when nothing else came, of %j", async (kind, kinds, codec) => {
    const chunks = kind === "audio" ? await receivedTone(50) : receivedVideo(30);
    const found = await recorded({ [kind]: chunks }, kinds);
    expect(found.codecs).toEqual([codec]);
    expect(found[kind]).toHaveLength(chunks.length);
    expect(found.summary.seconds).toBeCloseTo(1, 2);
  });

  it("keeps the time of pauses and losses", async () => {
    const first = await receivedTone(50);
    const later = await receivedTone(50, { rtpStart: 48_000 * 21, arrivalMs: 21_000 });
    const found = await recorded({ audio: [...first, ...later] }, ["audio"]);
    expect(found.audio[50]?.time).toBe(21_000);
    expect(found.summary.seconds).toBe(22);
  });

  it("leaves out what is neither Opus nor VP8", async () => {
    const audio = (await receivedTone(3)).map((chunk) => ({ ...chunk, data: new Uint8Array() }));
    const video = receivedVideo(3).map((chunk) => ({ ...chunk, data: new Uint8Array() }));
    const recorder = await openRecorder(path("a.webm"), { kinds: ["audio", "video"], opus });
    await fill(recorder, { audio, video });
    expect(await recorder.close()).toMatchObject({ written: false, dropped: 6 });
  });
});

/** Holds back a few bytes only. */
async function hasty(): Promise<Recorder> {
  const kinds = ["audio", "video"] as const;
  const draft = await Draft.create(path("a.webm"));
  const format = new WebmFormat(draft.handle, kinds, 1000);
  return new FileRecorder({ path: path("a.webm"), kinds, draft, format });
}

describe("a recording in WebM that cannot wait any longer", () => {
  it("takes audio that begins later", async () => {
    const audio = await receivedTone(50, { arrivalMs: 2000 });
    const found = await recorded({ video: receivedVideo(90), audio }, undefined, hasty);
    expect(found.video).toHaveLength(90);
    expect(found.audio.filter(({ data }) => data.length > 3).map(({ time }) => time)).toEqual(
      audio.map((_, n) => 2000 + n * 20),
    );
  });

  it("counts video that begins later as dropped", async () => {
    const video = receivedVideo(30, 30, { arrivalMs: 1000 });
    const found = await recorded({ audio: await receivedTone(100), video }, undefined, hasty);
    expect(found.codecs).toEqual(["A_OPUS"]);
    expect(found.summary).toMatchObject({ audioPackets: 100, videoFrames: 0, dropped: 30 });
  });
});
