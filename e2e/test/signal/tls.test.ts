import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PlainClient } from "../../src/client.js";
import { startProcess } from "../../src/process.js";
import { builtApp, startSignalServer } from "../../src/signal-server.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "conic-e2e-tls-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Pair {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** A certificate for this machine, and its key. */
function makePair(name: string): Pair {
  const [cert, key] = [path.join(folder, `${name}.pem`), path.join(folder, `${name}.key`)];
  const newKey = ["-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert];
  const names = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=IP:127.0.0.1"];
  const args = ["req", "-x509", "-days", "30", ...newKey, ...names];
  const { status, stderr } = spawnSync("openssl", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`these tests need openssl: ${stderr}`);
  return { cert, key, ca: readFileSync(cert, "utf8") };
}

describe("a server with a certificate", () => {
  it("takes a new one from its files and on SIGHUP, and old connections live on", async () => {
    const first = makePair("first");
    await using server = await startSignalServer({
      args: ["--host=127.0.0.1", `--cert=${first.cert}`, `--key=${first.key}`],
    });
    expect(server.url).toBe(`wss://127.0.0.1:${server.port}/ws`);
    await using alice = await PlainClient.open(server.url, ["conic.v1"], first.ca);
    await alice.register({ ID: "alice" });

    const second = makePair("second");
    renameSync(second.key, first.key);
    renameSync(second.cert, first.cert);
    await server.process.stderr.waitFor(/the certificate was replaced/);
    await using bob = await PlainClient.open(server.url, ["conic.v1"], second.ca);
    await bob.register({ ID: "bob" });
    await expect(PlainClient.open(server.url, [], first.ca)).rejects.toThrow("self-signed");

    server.process.kill("SIGHUP");
    await server.process.stderr.waitFor(/the certificate was read again/);
    bob.send("candidate", { TargetID: "alice", Candidate: "" });
    expect((await alice.next()).raw).toMatchObject({ ID: "bob" });
    server.process.kill("SIGTERM");
    expect(await bob.closed).toMatchObject({ code: 1001 });
    expect(await server.process.exit()).toMatchObject({ code: 0 });
  });

  it("says which file is wrong, and ends with 2", async () => {
    const { cert } = makePair("lonely");
    const { key } = makePair("other");
    for (const [args, text] of [
      [[`--cert=${cert}`, `--key=${key}`], "is not the key of the first certificate"],
      [[`--cert=${cert}`, `--key=${folder}/none`], "there is no such file"],
      [[`--cert=${cert}`], "--cert needs --key"],
    ] as const) {
      await using failing = await startProcess(process.execPath, [
        builtApp("signal"),
        "--port=0",
        ...args,
      ]);
      expect(await failing.exit()).toMatchObject({ code: 2 });
      expect(failing.stderr.text).toContain(text);
    }
  });
});
