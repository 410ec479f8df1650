import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSignalServer, type SignalServer } from "../../src/signal-server.js";
import { Chat, unique } from "./support/chat.js";

let server: SignalServer;
beforeAll(async () => {
  server = await startSignalServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const mebibyte = 1024 * 1024;

/** Memory in use and the most that ever was, in bytes. */
function memoryOf(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const field = (name: string): number =>
    Number(new RegExp(String.raw`^${name}:\s+(\d+) kB$`, "m").exec(status)?.[1]) * 1024;
  return { now: field("VmRSS"), peak: field("VmHWM") };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

describe("a lot of lines on stdin", () => {
  it("5,000 messages of 16 bytes written at once arrive all, in order", async () => {
    const alice = unique("alice");
    await using a = new Chat(server.url, [`--id=${alice}`, "--role=answer"]);
    await a.stderr.line(/^Your ID: /);
    const lines = Array.from({ length: 5_000 }, (_, i) => `message ${String(i).padStart(8, "0")}`);
    await using b = new Chat(server.url, [`--target=${alice}`]);
    b.end(lines.map((line) => `${line}\n`).join(""));
    expect(await b.exit()).toEqual({ code: 0, signal: null });
    await a.stderr.line(/ left$/);
    const text = `${lines.join("\n")}\n`;
    await a.stdout.chars(text.length);
    expect(a.stdout.lines).toHaveLength(lines.length);
    expect(sha256(a.stdout.text)).toBe(sha256(text));
  });

  it("20 MiB in messages of 16 KiB arrive intact, and the sender takes no more than can be sent", async () => {
    const alice = unique("alice");
    await using a = new Chat(server.url, [`--id=${alice}`, "--role=answer"]);
    await a.stderr.line(/^Your ID: /);
    const lines = Array.from({ length: 1_280 }, () => `${randomBytes(8_192).toString("hex")}\n`);
    const text = lines.join("");
    await using b = new Chat(server.url, [`--target=${alice}`]);
    await b.stderr.line(/^\* connected /);
    const before = memoryOf(b.pid).now;
    a.kill("SIGSTOP");
    // Seconds later: whatever it was to take, it has taken.
    const silent = b.stderr.line(/^\* no sign of life /);
    const waiting = Array.from(lines);
    let taken = 0;
    for (let line = waiting.shift(); line !== undefined; line = waiting.shift()) {
      const hasRoom = await Promise.race([b.write(line).then(() => true), silent]);
      if (hasRoom !== true) break;
      taken += line.length;
    }
    await silent;
    const { peak } = memoryOf(b.pid);
    a.kill("SIGCONT");
    b.end(waiting.join(""));
    expect(await b.exit()).toEqual({ code: 0, signal: null });
    await a.stderr.line(/ left$/);
    await a.stdout.chars(text.length);
    expect(a.stdout.text.length).toBe(text.length);
    expect(sha256(a.stdout.text)).toBe(sha256(text));
    expect(taken / mebibyte).toBeGreaterThan(0.5);
    expect(taken / mebibyte).toBeLessThan(4);
    expect((peak - before) / mebibyte).toBeLessThan(80);
  });
});
