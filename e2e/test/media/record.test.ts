import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSignalServer, type SignalServer } from "../../src/signal-server.js";
import { call, good, MediaProgram } from "./support/media.js";

const run = promisify(execFile);

let server: SignalServer;
let folder: string;
beforeAll(async () => {
  server = await startSignalServer();
  folder = await mkdtemp(path.join(tmpdir(), "conic-media-"));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

interface Stream {
  readonly codec_name: string;
  readonly nb_read_frames: string;
  readonly width?: number;
}

/** What a decoder that is not ours finds, after decoding all of it without an error. */
async function probe(file: string): Promise<readonly Stream[]> {
  const decoding = await run("ffmpeg", ["-v", "warning", "-i", file, "-f", "null", "-"]);
  // It guesses that two channels are left and right.
  expect(decoding.stderr.replace(/^Guessed Channel Layout .*\n/, "")).toBe("");
  const wanted = "stream=codec_name,nb_read_frames,width";
  const args = ["-v", "error", "-count_frames", "-show_entries", wanted, "-of", "json", file];
  const { stdout } = await run("ffprobe", args);
  return (JSON.parse(stdout) as { streams: Stream[] }).streams;
}

/** Records a call; what ffmpeg finds in the file, and how many frames came. */
async function recorded(
  kind: string,
  name: string,
  ...flags: readonly string[]
): Promise<{ streams: readonly Stream[]; videoFrames: number | undefined }> {
  const record = path.join(folder, name);
  const { answer, exits } = await call(
    server.url,
    [kind, `--record=${record}`],
    [kind, "--duration=2", ...flags],
  );
  expect(exits).toEqual(good);
  const { size: bytes } = await stat(record);
  const summary = { path: record, written: true, bytes };
  expect(await answer.event("recorded")).toMatchObject(summary);
  const ended = (await answer.event("ended")) as unknown as Ended;
  return { streams: await probe(record), videoFrames: ended.received.video?.frames };
}

interface Ended {
  readonly received: { readonly video?: { readonly frames: number } };
}

describe.concurrent("--record of audio is decoded by ffmpeg", () => {
  it.each([
    ["a.wav", "pcm_s16le"],
    ["a.ogg", "opus"],
    ["a.webm", "opus"],
  ])("%s", async (name, codec) => {
    const { streams } = await recorded("audio", name);
    expect(streams).toMatchObject([{ codec_name: codec }]);
    expect(Number(streams[0]?.nb_read_frames)).toBeGreaterThan(15);
  });
});

// One after the other: encoders that share a busy machine leave frames out.
describe("--record of video is decoded by ffmpeg, with every frame that came", () => {
  it.each([
    ["video", "v.ivf", ["vp8"]],
    ["video", "v.webm", ["vp8"]],
    ["av", "av.webm", ["opus", "vp8"]],
  ])("%s into %s", async (kind, name, codecs) => {
    const flags = ["--size=320x240", "--fps=15", "--bitrate=200000"];
    const { streams, videoFrames } = await recorded(kind, name, ...flags);
    expect(streams.map(({ codec_name: codec }) => codec).toSorted()).toEqual(codecs);
    const video = streams.find(({ codec_name: codec }) => codec === "vp8");
    expect(video).toMatchObject({ width: 320, nb_read_frames: String(videoFrames) });
    expect(videoFrames).toBeGreaterThan(0);
  });
});

describe("a recording that a signal ends", () => {
  it.each(["SIGINT", "SIGTERM"] as const)("is complete after %s", async (signal) => {
    const record = path.join(folder, `${signal}.webm`);
    await using answer = await MediaProgram.answer(server.url, "audio", `--record=${record}`);
    await using offer = MediaProgram.offer(server.url, answer.id, "audio");
    await answer.event("stats");
    answer.kill(signal);
    expect(await answer.exit()).toEqual({ code: 0, signal: null });
    // A tone has no end that was cut off: whoever hangs up ends the call.
    expect(await offer.exit()).toEqual({ code: 0, signal: null });
    expect(await offer.event("left")).toMatchObject({ clean: true });
    const [stream] = await probe(record);
    expect(stream?.codec_name).toBe("opus");
    expect(answer.events.at(-1)?.event).toBe("ended");
  });

  it("of nothing leaves no file behind", async () => {
    const record = path.join(folder, "nothing.wav");
    await using answer = await MediaProgram.answer(server.url, "audio", `--record=${record}`);
    answer.kill("SIGTERM");
    expect(await answer.exit()).toEqual({ code: 0, signal: null });
    expect((await readdir(folder)).filter((name) => name.includes("nothing"))).toEqual([]);
  });
});
