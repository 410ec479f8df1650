import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSignalServer, type SignalServer } from "../../src/signal-server.js";
import { MediaProgram } from "./support/media.js";

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

/** Runs to its end; it failed with one line. */
async function failure(program: MediaProgram): Promise<{ code: number | null; line: string }> {
  await using running = program;
  running.end();
  const { code } = await running.exit();
  return { code, line: running.failure };
}

describe.concurrent("a file that is not what it should be", () => {
  it("a WAV that is none: code 1, its name, and nobody is called", async () => {
    const file = path.join(folder, "song.wav");
    await writeFile(file, "this is no sound at all, it is a text that somebody renamed");
    const offer = MediaProgram.offer(server.url, "nobody", "audio", `--wav=${file}`);
    const { code, line } = await failure(offer);
    expect(code).toBe(1);
    expect(line).toContain(file);
    expect(offer.events.map(({ event }) => event)).toEqual(["started"]);
  });

  it.each([
    ["audio", "--wav"],
    ["audio", "--ogg"],
    ["video", "--ivf"],
    ["video", "--y4m"],
    ["video", "--yuv"],
  ])("%s %s that is not there: code 2 and its name", async (kind, flag) => {
    const file = path.join(folder, "nothing.bin");
    const offer = MediaProgram.offer(server.url, "nobody", kind, `${flag}=${file}`);
    const { code, line } = await failure(offer);
    expect(code).toBe(2);
    expect(line).toContain(file);
  });
});

describe.concurrent("the other side", () => {
  it("is unknown: code 4", async () => {
    const { code, line } = await failure(MediaProgram.offer(server.url, "nobody", "audio"));
    expect(code).toBe(4);
    expect(line).toContain("nobody is registered as nobody");
  });

  it("leaves before all is sent: code 4 for who sent, 0 for who hung up", async () => {
    await using answer = await MediaProgram.answer(server.url, "audio");
    const offer = MediaProgram.offer(server.url, answer.id, "audio", "--duration=60");
    const failed = failure(offer);
    await answer.event("track");
    answer.kill("SIGTERM");
    expect(await answer.exit()).toEqual({ code: 0, signal: null });
    const { code, line } = await failed;
    expect(code).toBe(4);
    expect(line).toContain(`${answer.id} left before all was sent`);
  });

  it("calls while another call is on: it is turned away", async () => {
    await using answer = await MediaProgram.answer(server.url, "audio");
    await using first = MediaProgram.offer(server.url, answer.id, "audio");
    await answer.event("track");
    const { code } = await failure(
      MediaProgram.offer(server.url, answer.id, "audio", "--timeout=2"),
    );
    expect(code).toBe(4);
    await answer.event("busy");
    first.kill("SIGTERM");
    expect(await answer.exit()).toEqual({ code: 0, signal: null });
  });

  it("vanishes without a word: code 4, and what came is recorded", async () => {
    const record = path.join(folder, "rest.ogg");
    await using answer = await MediaProgram.answer(server.url, "audio", `--record=${record}`);
    await using offer = MediaProgram.offer(server.url, answer.id, "audio");
    await answer.event("track");
    offer.kill("SIGKILL");
    expect(await answer.exit(120_000)).toEqual({ code: 4, signal: null });
    expect(answer.failure).toContain(`lost ${offer.id}`);
    expect(await answer.event("recorded")).toMatchObject({ written: true });
  });

  it("has no server to meet at: code 3", async () => {
    const { code, line } = await failure(MediaProgram.offer("127.0.0.1:9", "alice", "audio"));
    expect(code).toBe(3);
    expect(line).toMatch(/no signaling server.*npx @conic\/signal/);
  });
});
