import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PlainClient } from "../../src/client.js";
import { startProcess } from "../../src/process.js";
import { builtApp, startSignalServer, type SignalServer } from "../../src/signal-server.js";
import { whileItLasts } from "../../../internal/testing/src/haste.js";
import { Chat, unique } from "../datachannel/support/chat.js";

let folder: string;
let secretFile: string;
let server: SignalServer;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "conic-e2e-tokens-"));
  secretFile = write("secret.txt", "a secret of thirty-two bytes, and a little more");
  server = await startSignalServer({ args: [`--auth-secret-file=${secretFile}`] });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

function write(name: string, text: string, mode = 0o600): string {
  const file = path.join(folder, name);
  writeFileSync(file, `${text}\n`);
  chmodSync(file, mode);
  return file;
}

async function mint(...args: readonly string[]): Promise<string> {
  const command = [builtApp("signal"), "token", `--auth-secret-file=${secretFile}`, ...args];
  await using minting = await startProcess(process.execPath, command);
  expect(await minting.exit()).toMatchObject({ code: 0 });
  return minting.stdout.all[0] ?? "";
}

/** The program until its end: exit code and what it said on stderr. */
async function outcome(
  app: "datachannel" | "media",
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number | null; readonly stderr: readonly string[] }> {
  const words = app === "media" ? ["start", "audio", "--role=answer"] : ["--role=answer"];
  const command = [builtApp(app), ...words, `--addr=${server.url}`, ...args];
  await using program = await startProcess(process.execPath, command, { env });
  const { code } = await program.exit();
  expect(program.stdout.all).toEqual([]);
  return { code, stderr: program.stderr.all };
}

describe("programs at a server that asks for tokens", () => {
  it("chat with those that conic-signal makes, out of a file and of the environment", async () => {
    const [a, b] = [unique("alice"), unique("bob")];
    const file = write("alice.txt", await mint(`--id=${a}`));
    await using alice = await Chat.json(server.url, a, `--token-file=${file}`);
    const env = { CONIC_TOKEN: await mint(`--id=${b}`) };
    await using bob = new Chat(server.url, ["--json", `--target=${a}`], env);
    expect((await bob.event("registered"))["id"]).toBe(b);
    await bob.event("channel", { peer: a });
    await bob.line("may I?");
    await alice.event("message", { peer: b, text: "may I?" });
    await alice.line("you may");
    await bob.event("message", { peer: a, text: "you may" });
  });

  it("read the file again before the token ends, and stay", () =>
    whileItLasts([2_000, 10_000, 40_000], async (validity) => {
      const [a, b] = [unique("alice"), unique("bob")];
      const lasting = await mint("--ttl=1h");
      validity.begin();
      const brief = await mint(`--ttl=${validity.ms / 1000}s`);
      const file = write("rotated.txt", brief);
      await using alice = await Chat.json(server.url, a, `--token-file=${file}`, "--room=x");
      await alice.event("room", { state: "joined" });
      write("rotated.txt", lasting);
      // Whoever has the brief token alone is sent away. That comes 5 s late: the clocks may differ.
      await using witness = await PlainClient.open(server.url);
      await witness.register({ Token: brief });
      validity.done();
      expect(await witness.closed).toMatchObject({ code: 4501 });
      const bobs = write("bob.txt", await mint());
      await using bob = await Chat.json(server.url, b, `--token-file=${bobs}`, "--room=x");
      await bob.event("channel", { peer: a });
      await bob.line("still there?");
      await alice.event("message", { peer: b, text: "still there?" });
      // Neither an error nor a word about the server.
      expect(alice.events.filter(({ event }) => /error|server/.test(event))).toEqual([]);
    }));

  it.each(["datachannel", "media"] as const)("%s says what is missing or wrong", async (app) => {
    expect(await outcome(app, [])).toEqual({
      code: 2,
      stderr: [
        expect.stringMatching(
          new RegExp(`^conic-${app}: the server asks for a token: give --token-file=FILE`),
        ),
      ],
    });
    const wrong = await outcome(app, [], { CONIC_TOKEN: "guess" });
    expect(wrong).toEqual({
      code: 1,
      stderr: [expect.stringMatching(/: the server does not take the token: .*put a new one/)],
    });
    const foreign = write("foreign.txt", await mint("--id=somebody"), 0o644);
    expect(await outcome(app, ["--id=else", `--token-file=${foreign}`])).toEqual({
      code: 1,
      stderr: [
        expect.stringContaining(`warning: others may read ${foreign} (mode 644)`),
        expect.stringContaining("your token is for another id"),
      ],
    });
    expect(await outcome(app, [`--token-file=${folder}/none`])).toEqual({
      code: 2,
      stderr: [expect.stringContaining("none cannot be read (ENOENT); try --help")],
    });
    expect(await outcome(app, ["--token=secret"])).toEqual({
      code: 2,
      stderr: [expect.stringMatching(/there is no option --token; try --help$/)],
    });
  });

  it("end with one line when the token has ended, and there is no other", () =>
    whileItLasts([1_000, 30_000], async (validity) => {
      validity.begin();
      const env = { CONIC_TOKEN: await mint(`--ttl=${validity.ms / 1000}s`) };
      const { code, stderr } = await outcome("datachannel", [], env);
      if (stderr.some((line) => line.startsWith("Your ID: "))) validity.done();
      expect(code).toBe(1);
      expect(stderr.at(-1)).toBe(
        "conic-datachannel: the server ended the session: the token has expired; put a new one into the --token-file, or CONIC_TOKEN",
      );
    }));
});
