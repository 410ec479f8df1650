import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { watchLeaks } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { Draft } from "../../src/files/atomic-file.js";
import { FileRecorder } from "../../src/sinks/file-recorder.js";
import type { MediaKind, RecordingFormat } from "../../src/sinks/formats/format.js";
import { openRecorder, recordingProblem } from "../../src/sinks/recorder.js";
import { failure } from "../support/failure.js";
import { openFiles } from "../support/open-files.js";
import { opus, receivedTone } from "../support/opus.js";
import { tempFolder } from "../support/temp-folder.js";

const path = tempFolder();

function kindsOf(ending: string): MediaKind[] {
  if (ending === ".webm") return ["audio", "video"];
  return ending === ".ivf" ? ["video"] : ["audio"];
}

const endings = [".wav", ".ogg", ".ivf", ".webm"];

describe("a recording of which nothing came", () => {
  it.each(endings)("leaves no file behind, and an older one as it was: %s", async (ending) => {
    for (const older of [undefined, "mine"]) {
      if (older !== undefined) await writeFile(path(`a${ending}`), older);
      const recorder = await openRecorder(path(`a${ending}`), { kinds: kindsOf(ending), opus });
      expect(await recorder.close()).toEqual({
        path: path(`a${ending}`),
        written: false,
        seconds: 0,
        bytes: 0,
        audioPackets: 0,
        videoFrames: 0,
        lost: 0,
        dropped: 0,
      });
    }
    expect(await readdir(path())).toEqual([`a${ending}`]);
    expect(await readFile(path(`a${ending}`), "utf8")).toBe("mine");
    expect(await openFiles(path())).toBe(0);
  });
});

describe("a recording", () => {
  it("leaves an older file alone until it is complete", async () => {
    await writeFile(path("a.wav"), "mine");
    const recorder = await openRecorder(path("a.wav"), { kinds: ["audio"], opus });
    for (const chunk of await receivedTone(10)) await recorder.write("audio", chunk);
    expect(await readFile(path("a.wav"), "utf8")).toBe("mine");
    await recorder.close();
    expect((await readFile(path("a.wav"))).subarray(0, 4).toString()).toBe("RIFF");
    expect(await readdir(path())).toEqual(["a.wav"]);
  });

  it("is closed once, after what is being written, and takes no more", async () => {
    const noLeaks = watchLeaks();
    const recorder = await openRecorder(path("a.wav"), { kinds: ["audio"], opus });
    const chunks = await receivedTone(10);
    const writing = chunks.map((chunk) => recorder.write("audio", chunk));
    const closing = recorder.close();
    expect(recorder.close()).toBe(closing);
    await recorder[Symbol.asyncDispose]();
    await Promise.all(writing);
    expect(await closing).toMatchObject({ seconds: 0.2, audioPackets: 10 });
    const [chunk] = chunks;
    const late = chunk === undefined ? undefined : failure(recorder.write("audio", chunk));
    expect(await late).toMatchObject({ code: "closed" });
    expect(await openFiles(path())).toBe(0);
    await noLeaks();
  });

  it("refuses what was not announced", async () => {
    await using recorder = await openRecorder(path("a.wav"), { kinds: ["audio"], opus });
    const [chunk] = await receivedTone(1);
    const writing = chunk === undefined ? undefined : failure(recorder.write("video", chunk));
    expect(await writing).toMatchObject({
      code: "invalid_argument",
      message: `${path("a.wav")} does not take video`,
    });
  });
});

/** A disk that is full after `room` packets. */
async function onFullDisk(room: number): Promise<FileRecorder> {
  const draft = await Draft.create(path("a.wav"));
  let packets = 0;
  const format: RecordingFormat = {
    write: async () => {
      if (packets >= room) throw new Error("ENOSPC: no space left on device");
      packets += 1;
      await draft.handle.write("x");
    },
    close: () => Promise.reject(new Error("ENOSPC: no space left on device")),
  };
  return new FileRecorder({ path: path("a.wav"), kinds: ["audio"], draft, format });
}

describe("a recording on a disk that becomes full", () => {
  it.each([
    [2, ["a.wav"], "xx"],
    [0, ["a.wav"], "mine"],
  ])("keeps the %i packets that came before, and fails", async (room, files, content) => {
    await writeFile(path("a.wav"), "mine");
    const recorder = await onFullDisk(room);
    const [chunk] = await receivedTone(1);
    if (chunk === undefined) throw new Error("no chunk");
    for (let n = 0; n < room; n += 1) await recorder.write("audio", chunk);
    expect((await failure(recorder.write("audio", chunk))).message).toMatch(/^ENOSPC/);
    expect(await failure(recorder.write("audio", chunk))).toMatchObject({ code: "closed" });
    expect((await failure(recorder.close())).message).toMatch(/^ENOSPC/);
    expect(await readdir(path())).toEqual(files);
    expect(await readFile(path("a.wav"), "utf8")).toBe(content);
    expect(await openFiles(path())).toBe(0);
  });
});

describe("a recording that cannot be", () => {
  const cases: [string, MediaKind[], RegExp][] = [
    ["a.wav", ["video"], /^--record: \.wav does not hold video; take \.ivf, \.webm/],
    ["a.ivf", ["audio"], /^--record: \.ivf does not hold audio; take \.wav, \.ogg, \.webm/],
    ["a.WAV", ["audio", "video"], /^--record: \.wav does not hold audio and video; take \.webm/],
    [
      "a.mp4",
      ["video"],
      /^--record takes .*\.ivf.* for video, and tells by the ending of "\S+mp4"/,
    ],
    ["wav", ["audio"], /^--record takes .*\.wav.* for audio/],
  ];
  it.each(cases)("says what fits: %s for %j", async (name, kinds, message) => {
    expect(recordingProblem(path(name), kinds)).toMatch(message);
    const opening = openRecorder(path(name), { kinds, opus });
    await expect(opening).rejects.toMatchObject({ exitCode: 2 });
    await expect(opening).rejects.toThrow(message);
    expect(await readdir(path())).toEqual([]);
  });

  it("says nothing about what fits", () => {
    for (const ending of [...endings, ".WAV"]) {
      expect(recordingProblem(`a${ending}`, kindsOf(ending))).toBeUndefined();
    }
    expect(recordingProblem("a.webm", ["video"])).toBeUndefined();
  });

  it.each([
    ["no/such/a.wav", /: the folder does not exist$/],
    ["folder.wav", /: it is a directory$/],
  ])("says why the file cannot be written: %s", async (name, message) => {
    await mkdir(path("folder.wav"));
    const opening = openRecorder(path(name), { kinds: ["audio"], opus });
    await expect(opening).rejects.toThrow(message);
    expect(await readdir(path())).toEqual(["folder.wav"]);
  });
});
