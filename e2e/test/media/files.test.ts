import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSignalServer, type SignalServer } from "../../src/signal-server.js";
import { call, good } from "./support/media.js";

const run = promisify(execFile);
const tone = ["-f", "lavfi", "-i", "sine=frequency=500:sample_rate=44100"];
const picture = ["-f", "lavfi", "-i", "testsrc2=size=320x240:rate=15"];
const vp8 = ["-c:v", "libvpx", "-deadline", "realtime", "-b:v", "300k", "-auto-alt-ref", "0"];

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

/** A file of one second that ffmpeg makes. */
async function made(name: string, ...args: readonly string[]): Promise<string> {
  const file = path.join(folder, name);
  await run("ffmpeg", [
    "-v",
    "error",
    "-y",
    ...args.slice(0, 4),
    "-t",
    "1",
    ...args.slice(4),
    file,
  ]);
  return file;
}

interface Received {
  readonly frames: number;
  readonly lost: number;
}

describe.concurrent("a file that ffmpeg made arrives whole", () => {
  it.each([
    ["six.wav", "--wav", [...tone, "-ac", "6", "-c:a", "pcm_s24le"]],
    ["float.wav", "--wav", [...tone, "-ar", "8000", "-c:a", "pcm_f32le"]],
    ["tone.ogg", "--ogg", [...tone, "-c:a", "libopus", "-b:a", "64k"]],
  ])("%s", async (name, flag, args) => {
    const file = await made(name, ...args);
    const { answer, exits } = await call(server.url, ["audio"], ["audio", `${flag}=${file}`]);
    expect(exits).toEqual(good);
    const { received } = (await answer.event("ended")) as unknown as {
      received: { audio: Received };
    };
    expect(received.audio.lost).toBe(0);
    expect(Math.abs(received.audio.frames - 50)).toBeLessThan(4);
  });

  it.each([
    ["a.ivf", "--ivf", [...picture, ...vp8], []],
    ["a.y4m", "--y4m", [...picture, "-pix_fmt", "yuv420p"], []],
    [
      "a.yuv",
      "--yuv",
      [...picture, "-pix_fmt", "yuv420p", "-f", "rawvideo"],
      ["--size=320x240", "--fps=15"],
    ],
  ])("%s", async (name, flag, args, flags) => {
    const file = await made(name, ...args);
    const offer = ["video", `${flag}=${file}`, ...flags];
    const { answer, offer: sender, exits } = await call(server.url, ["video"], offer);
    expect(exits).toEqual(good);
    const { sent } = (await sender.event("ended")) as unknown as {
      sent: { video: { frames: number; skipped: number } };
    };
    expect(sent.video.frames + sent.video.skipped).toBe(15);
    expect(await answer.event("ended")).toMatchObject({
      received: { video: { frames: sent.video.frames, lost: 0 } },
    });
  });
});

it("an IVF that breaks off is sent as far as it goes: then one line, and code 1", async () => {
  const bytes = await readFile(await made("whole.ivf", ...picture, ...vp8));
  const file = path.join(folder, "broken.ivf");
  await writeFile(file, bytes.subarray(0, bytes.length - 10));
  const { answer, offer, exits } = await call(server.url, ["video"], ["video", `--ivf=${file}`]);
  expect(exits).toEqual([{ code: 1, signal: null }, good[1]]);
  expect(offer.failure).toContain(file);
  expect(await offer.event("ended")).toMatchObject({ error: { code: "invalid_data" } });
  expect(await answer.event("ended")).toMatchObject({
    received: { video: { frames: 14, lost: 0 } },
  });
});
