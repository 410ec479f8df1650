import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSignalServer, type SignalServer } from "../../../e2e/src/signal-server.js";
import { unique } from "../../../e2e/test/datachannel/support/chat.js";
import { MediaProgram } from "../../../e2e/test/media/support/media.js";
import { DemoBrowser } from "../../src/demo/browser.js";
import { received } from "../../src/demo/flows.js";
import { contrast, decodeFile, loudest } from "../../src/ffmpeg.js";

let server: SignalServer;
let browser: DemoBrowser;
let folder: string;
beforeAll(async () => {
  server = await startSignalServer({ env: { CONIC_LOG_LEVEL: "silent" } });
  browser = await DemoBrowser.start();
  folder = await mkdtemp(path.join(tmpdir(), "conic-demo-"));
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const done = { code: 0, signal: null };

/** Two seconds of the page's fake camera, and of its microphone. */
const enough = { audio: 100, video: 40 } as const;

describe("a program that records the camera and microphone of the page", () => {
  it.each([
    ["av", "both.webm", ["opus", "vp8"]],
    ["audio", "sound.wav", ["pcm_s16le"]],
    ["audio", "sound.ogg", ["opus"]],
    ["video", "picture.ivf", ["vp8"]],
  ] as const)("%s into %s, which ffmpeg decodes", async (kind, name, codecs) => {
    const file = path.join(folder, name);
    const id = unique("page");
    await using page = await browser.peer(server.port, id);
    await using answer = await MediaProgram.answer(server.url, kind, `--record=${file}`);
    await page.turn("mic", true);
    await page.turn("camera", true);
    await page.call(answer.id);
    await page.shows("#log .news", "it listens and sends nothing");
    const kinds = kind === "av" ? (["audio", "video"] as const) : [kind];
    for (const one of kinds) await received(answer, one, enough[one]);
    // The page sends both in any case.
    const other = kind === "audio" ? "video" : "audio";
    await answer.event("track", { direction: "receive", kind: other, taken: kind === "av" });
    await page.hangUp();
    expect(await answer.exit()).toEqual(done);
    await answer.stderr.line(new RegExp(`^\\* ${id} left`));
    expect(answer.of("error")).toEqual([]);

    const recorded = await answer.event("recorded");
    const { size } = await stat(file);
    expect(recorded).toMatchObject({ written: true, bytes: size });
    const { streams, seconds } = await decodeFile(file);
    expect(streams.map(({ codec }) => codec)).toEqual(codecs);
    const { audioPackets, videoFrames } = recorded as unknown as Readonly<Record<string, number>>;
    const [sound, picture] = [kind !== "video", kind !== "audio"];
    expect(audioPackets).toBeGreaterThanOrEqual(sound ? enough.audio : 0);
    expect(sound ? await loudest(file) : 1).toBeGreaterThan(0.05);
    expect(streams.find(({ codec }) => codec === "vp8")?.frames ?? 0).toBe(videoFrames);
    expect(picture ? await contrast(file, 1) : 100).toBeGreaterThan(10);
    expect(Math.abs(seconds - Number(recorded["seconds"]))).toBeLessThan(0.5);
    const { seconds: lasted } = await answer.event("ended");
    expect(seconds).toBeGreaterThan(1.5);
    // Both are where the page captured them, however late they came.
    expect(seconds).toBeLessThan(Number(lasted) + 1);
    expect(page.faults).toEqual([]);
  });
});

describe("a program that sends and records", { timeout: 300_000 }, () => {
  it("goes on while the page removes its camera and adds it again", async () => {
    const file = path.join(folder, "camera.webm");
    const id = unique("page");
    await using page = await browser.peer(server.port, id);
    const small = ["--size=320x240", "--fps=15", "--bitrate=200000"];
    const args = ["av", "--send", ...small, `--record=${file}`];
    await using answer = await MediaProgram.answer(server.url, ...args);
    await page.turn("mic", true);
    await page.turn("camera", true);
    await page.call(answer.id);
    await page.shows("#log .news", "it sends sound");
    await received(answer, "video", 20);
    await page.receives({ framesDecoded: 15, audioEnergy: 0.01 });

    await page.turn("camera", false);
    await answer.event("track-ended", { kind: "video" });
    await received(answer, "audio", 25);
    await page.receives({ framesDecoded: 15, audioEnergy: 0.01 });

    await page.turn("camera", true);
    await received(answer, "video", 20);
    await received(answer, "audio", 25);
    await page.receives({ framesDecoded: 15, audioEnergy: 0.01 });
    const came = (kind: string): number =>
      answer.of("track").filter((one) => one["direction"] === "receive" && one["kind"] === kind)
        .length;
    expect([came("audio"), came("video")]).toEqual([1, 2]);

    await page.hangUp();
    expect(await answer.exit()).toEqual(done);
    expect(answer.of("error")).toEqual([]);
    const [sound, picture, ...more] = (await decodeFile(file)).streams;
    const recorded = await answer.event("recorded");
    expect(more).toEqual([]);
    expect(picture).toEqual({ codec: "vp8", frames: recorded["videoFrames"] });
    // More than came where a busy page was late: silence is put in its place.
    expect(sound?.codec).toBe("opus");
    expect(sound?.frames).toBeGreaterThanOrEqual(Number(recorded["audioPackets"]));
    expect(page.faults).toEqual([]);
  });
});
