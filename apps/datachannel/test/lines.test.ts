import { Readable } from "node:stream";
import { collectAll } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { linesOf, maxLineLength } from "../src/ui/lines.js";

function stream(chunks: readonly (string | Uint8Array)[]): Readable {
  return Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
}

async function linesIn(...chunks: (string | Uint8Array)[]): Promise<string[]> {
  return collectAll(linesOf(stream(chunks), new AbortController().signal));
}

describe("lines of stdin", () => {
  it.each([
    ["nothing", "", []],
    ["no line break at the end", "a\nb", ["a", "b"]],
    ["a line break at the end", "a\nb\n", ["a", "b"]],
    ["empty lines", "\n\na\n", ["", "", "a"]],
    ["line breaks of Windows", "a\r\nb\r\n", ["a", "b"]],
    ["line separators that are text", "a\u2028b\rc\n", ["a\u2028b\rc"]],
  ])("%s", async (_name, text, lines) => {
    expect(await linesIn(text)).toEqual(lines);
    expect(await linesIn(...Array.from(text))).toEqual(lines);
  });

  it("keeps characters together that came in two pieces", async () => {
    const bytes = Buffer.from("日本\n");
    const pieces = Array.from(bytes, (byte) => Uint8Array.of(byte));
    expect(await linesIn(...pieces)).toEqual(["日本"]);
  });

  it("takes a line at the limit and refuses one above it", async () => {
    const longest = "x".repeat(maxLineLength);
    expect(await linesIn(longest, "\n")).toEqual([longest]);
    await expect(linesIn(longest, "x")).rejects.toThrow(`longer than ${maxLineLength} characters`);
  });

  it("reads no further ahead than a stream does by itself", async () => {
    let read = 0;
    const endless = new Readable({
      highWaterMark: 1_024,
      read() {
        read += 1;
        this.push("x".repeat(1_023) + "\n");
      },
    });
    const lines = linesOf(endless, new AbortController().signal);
    for (let i = 0; i < 10; i += 1) await lines.next();
    expect(read).toBeLessThan(20);
    await lines.return(undefined);
    expect(endless.destroyed).toBe(true);
  });

  it("ends when the signal fires, also while it waits", async () => {
    const silent = new Readable({ read: () => undefined });
    const controller = new AbortController();
    const next = linesOf(silent, controller.signal).next();
    controller.abort();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(await linesOf(stream(["a\n"]), controller.signal).next()).toMatchObject({ done: true });
  });

  it("says so when the stream breaks", async () => {
    const broken = new Readable({
      read() {
        this.destroy(new Error("EIO"));
      },
    });
    const lines = linesOf(broken, new AbortController().signal);
    await expect(lines.next()).rejects.toMatchObject({ code: "closed" });
  });
});
