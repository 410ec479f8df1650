import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { decodeWav } from "@conic/audio";
import { connect } from "@conic/client";
import { describe, expect, it } from "vitest";
import { start, type StartOptions } from "./program.js";

async function get(url: string, route: string): Promise<string> {
  const response = await fetch(new URL(route, url.replace(/^ws/, "http")));
  expect(response.status).toBe(200);
  return response.text();
}

/** The lines of an example that ends by itself. */
async function lines(name: string, options: StartOptions = {}): Promise<string[]> {
  await using program = start(name, options);
  const { code, stdout, stderr } = await program.ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout.trimEnd().split("\n");
}

async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), "conic-examples-"));
  return { path: folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

describe("the servers", () => {
  it.each(["01-server.mjs", "04-express.mjs", "05-fastify.mjs"])(
    "%s serves its own page and clients on one port, and ends when it is told to",
    async (name) => {
      await using program = start(name);
      const url = await program.firstLine;
      expect(url).toMatch(/^ws:\/\/localhost:\d+\/ws$/);
      expect(await get(url, "/")).toBe("my own page\n");
      await using alice = await connect(url, { id: "alice" });
      expect(alice.id).toBe("alice");
      await expect(alice.call("nobody")).rejects.toMatchObject({ code: "target_not_found" });
      program.stop();
      expect(await program.ended).toMatchObject({ code: 0, stderr: "" });
    },
  );

  it.each(["04-express.mjs", "05-fastify.mjs"])("%s tells who is there", async (name) => {
    await using program = start(name);
    const url = await program.firstLine;
    expect(JSON.parse(await get(url, "/online"))).toEqual([]);
    await using alice = await connect(url, { id: "alice" });
    expect(JSON.parse(await get(url, "/online"))).toEqual([alice.id]);
  });

  it("09-metrics.mjs counts clients, messages and what they were answered", async () => {
    await using program = start("09-metrics.mjs");
    const url = await program.firstLine;
    await using alice = await connect(url);
    await expect(alice.call("nobody")).rejects.toMatchObject({ code: "target_not_found" });
    const text = await get(url, "/metrics");
    expect(text).toContain("signaling_registered 1\n");
    expect(text).toContain('signaling_messages_total{type="register",outcome="ok"} 1\n');
    expect(text).toMatch(
      /signaling_messages_total\{type="sdp",outcome="target_not_found"\} [1-9]\d*\n/,
    );
  });
});

describe("the programs", () => {
  it("02-chat.mjs sends a message each way, without the server", async () => {
    expect(await lines("02-chat.mjs")).toEqual([
      "alice to bob: hello bob",
      "bob to alice: hello alice",
      "the path is direct",
    ]);
  });

  it("03-room.mjs connects everybody with everybody", async () => {
    const heard = await lines("03-room.mjs");
    expect(heard.toSorted()).toEqual([
      "alice heard: bob is here",
      "alice heard: carol is here",
      "bob heard: alice is here",
      "bob heard: carol is here",
      "carol heard: alice is here",
      "carol heard: bob is here",
    ]);
  });

  it("06-tokens.mjs lets in who has a token, for what it allows", async () => {
    expect(await lines("06-tokens.mjs")).toEqual([
      "without a token: unauthorized",
      "with a token: alice",
      "in the room team-standup",
      "in the room board: forbidden",
    ]);
  });

  it("07-file.mjs gets the file across undamaged, and leaves nothing behind", async () => {
    await using folder = await temporaryFolder();
    const env = { TMPDIR: folder.path, TEMP: folder.path };
    expect(await lines("07-file.mjs", { env })).toEqual(["the same"]);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it("08-audio.mjs writes the tone that arrives to a WAV file", async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, "tone.wav");
    await lines("08-audio.mjs", { args: [file] });
    const { info, channelData } = decodeWav(await readFile(file));
    const samples = channelData[0] ?? new Float32Array();
    expect(info.format.sampleRate).toBe(48_000);
    // Half a second out of the middle, which is all tone: 440 Hz cross zero upwards 220 times in it.
    const from = Math.floor(samples.length / 2) - 12_000;
    const middle = samples.subarray(from, from + 24_000);
    const crossings = middle.reduce(
      (count, value, at) => (value >= 0 && (middle[at - 1] ?? 0) < 0 ? count + 1 : count),
      0,
    );
    expect(crossings).toBeGreaterThanOrEqual(218);
    expect(crossings).toBeLessThanOrEqual(222);
  });
});

it("each example is run by a test, and has at most 80 lines", async () => {
  const folder = new URL("..", import.meta.url);
  const here = await readFile(new URL(import.meta.url), "utf8");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".mjs"));
  expect(names.length).toBeGreaterThanOrEqual(9);
  for (const name of names) {
    expect(here).toContain(`"${name}"`);
    const text = await readFile(new URL(name, folder), "utf8");
    expect(text.split("\n").length).toBeLessThanOrEqual(80);
  }
});
