import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PlainClient } from "../../src/client.js";
import { startProcess } from "../../src/process.js";
import { builtApp, startSignalServer } from "../../src/signal-server.js";
import { whileItLasts } from "../../../internal/testing/src/haste.js";

const secret = "a secret of thirty-two bytes, and a little more";

let folder: string;
let secretFile: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "conic-e2e-access-"));
  secretFile = path.join(folder, "secret.txt");
  writeFileSync(secretFile, `${secret}\n`);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A token as `conic-signal token` prints it. */
async function token(...args: readonly string[]): Promise<string> {
  const command = [builtApp("signal"), "token", `--auth-secret-file=${secretFile}`, ...args];
  await using minting = await startProcess(process.execPath, command);
  expect(await minting.exit()).toMatchObject({ code: 0 });
  expect(minting.stderr.all).toEqual([]);
  const [line = "", ...rest] = minting.stdout.all;
  expect(rest).toEqual([]);
  return line;
}

describe("a server with a secret", () => {
  it("lets in whom a token names, and says nothing of it in the log", async () => {
    await using server = await startSignalServer({
      args: [`--auth-secret-file=${secretFile}`, "--host=0.0.0.0", "--log-level=debug"],
    });
    const Token = await token("--id=alice", "--may=relay", "--ttl=60s");
    const url = `ws://127.0.0.1:${server.port}/ws`;
    await using alice = await PlainClient.open(url);
    const { raw } = await alice.register({ Token });
    expect(raw["ID"]).toBe("alice");
    alice.send("data_channel", { TargetID: "alice", Label: "x", Data: "" });
    expect((await alice.next()).type).toBe("data_channel");
    alice.send("candidate", { TargetID: "alice", Candidate: "" });
    expect((await alice.next()).raw).toMatchObject({ Code: "forbidden" });

    await using mallory = await PlainClient.open(url);
    mallory.send("register", { Token: `${Token.slice(0, -4)}AAAA` });
    expect((await mallory.next()).raw).toMatchObject({ Code: "unauthorized" });
    expect(await mallory.closed).toMatchObject({ code: 4501 });
    const { text } = server.process.stderr;
    expect(text).toContain("registered");
    expect(text).not.toContain("may register");
    for (const hidden of [secret, Token.slice(-20)]) expect(text).not.toContain(hidden);
  });

  it("ends a connection with its token", () =>
    whileItLasts([1_000, 30_000], async (validity) => {
      await using server = await startSignalServer({ args: [`--auth-secret-file=${secretFile}`] });
      validity.begin();
      // The tolerance of 5 s comes on top.
      const Token = await token("--id=alice", `--ttl=${validity.ms / 1000}s`);
      await using alice = await PlainClient.open(server.url);
      await alice.register({ Token });
      validity.done();
      expect((await alice.next()).raw).toMatchObject({ Code: "unauthorized" });
      expect(await alice.closed).toMatchObject({ code: 4501 });
    }));
});

describe("a server without tokens that others can reach", () => {
  it("warns in one line", async () => {
    await using server = await startSignalServer({ args: ["--host=0.0.0.0"] });
    const line = await server.process.stderr.waitFor(/WARN/);
    expect(line[0]).toBeDefined();
    const warnings = server.process.stderr.all.filter((text) => text.includes("may register"));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("--auth-secret-file");
  });
});

describe("a secret", () => {
  it.each([
    ["that is too short", "short", /^conic-signal: --auth-secret-file: a secret has at least 32/],
    ["that is a folder", undefined, /^conic-signal: --auth-secret-file: .* cannot be read/],
  ])("%s ends the program with 2 before it listens", async (_name, text, message) => {
    const file = path.join(folder, "other.txt");
    if (text !== undefined) writeFileSync(file, text);
    const flag = `--auth-secret-file=${text === undefined ? folder : file}`;
    const command = [builtApp("signal"), "--port=0", flag];
    await using server = await startProcess(process.execPath, command);
    expect(await server.exit()).toMatchObject({ code: 2 });
    expect(server.stdout.all).toEqual([]);
    expect(server.stderr.all).toHaveLength(1);
    expect(server.stderr.all[0]).toMatch(message);
  });
});
