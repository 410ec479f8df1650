import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ExitError, readToken, type Token, type TokenOptions } from "../src/index.js";

let folder: string;
let warnings: string[];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "conic-token-"));
  warnings = [];
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(text: string, mode = 0o600, name = "token.txt"): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

function read(options: Partial<TokenOptions>): Token | undefined {
  return readToken({ path: undefined, env: {}, cwd: folder, warn, ...options });
}

function warn(text: string): void {
  warnings.push(text);
}

function now(token: Token | undefined): string | undefined {
  return typeof token === "function" ? token() : token;
}

describe("the token of a program", () => {
  it("is in a file, which is read again at each use", () => {
    const file = write("first\n");
    const token = read({ path: file });
    expect(now(token)).toBe("first");
    write("  second \r\n");
    expect(now(token)).toBe("second");
    expect(warnings).toEqual([]);
  });

  it("is found where the user is, and behind a link that is turned to another file", () => {
    write("here");
    expect(now(read({ path: "token.txt" }))).toBe("here");
    expect(now(read({ path: "token.txt", cwd: "/", env: { INIT_CWD: folder } }))).toBe("here");
    const link = path.join(folder, "link");
    symlinkSync(write("a", 0o600, "a"), link);
    const token = read({ path: link });
    rmSync(link);
    symlinkSync(write("b", 0o600, "b"), link);
    expect(now(token)).toBe("b");
  });

  it("may be in CONIC_TOKEN, but not in both", () => {
    expect(read({ env: { CONIC_TOKEN: " abc\n" } })).toBe("abc");
    expect(read({ env: { CONIC_TOKEN: "" } })).toBeUndefined();
    expect(read({})).toBeUndefined();
    const file = write("x");
    expect(() => read({ path: file, env: { CONIC_TOKEN: "abc" } })).toThrow(/leave one out/);
    expect(now(read({ path: file, env: { CONIC_TOKEN: "" } }))).toBe("x");
  });

  it.each([
    ["", "is empty"],
    ["\n \n", "is empty"],
    ["hush hush", "more than one word"],
    ["hush\nhush\n", "more than one word"],
    ["h".repeat(65_537), "above 65536 bytes"],
  ])("%j is none, and is not repeated in the error", (text, why) => {
    const file = write(text);
    const error = thrown(() => read({ path: file }));
    expect(error).toBeInstanceOf(ExitError);
    expect(error).toMatchObject({ exitCode: 2 });
    expect(String(error)).toContain(why);
    expect(String(error)).not.toContain("hush");
    expect(String(error)).not.toContain("\n");
  });

  it("is refused where there is no file, but something else", () => {
    mkdirSync(path.join(folder, "sub"));
    expect(() => read({ path: "nowhere" })).toThrow(/nowhere cannot be read \(ENOENT\)/);
    expect(() => read({ path: "sub" })).toThrow(/sub cannot be read \(no regular file\)/);
    expect(() => read({ path: "/dev/null" })).toThrow(/no regular file/);
    expect(() => read({ env: { CONIC_TOKEN: " " } })).toThrow(/CONIC_TOKEN is empty/);
  });

  it("that vanishes later is an error then, not an exit", () => {
    const file = write("x");
    const token = read({ path: file });
    rmSync(file);
    const error = thrown(() => now(token));
    expect(error).not.toBeInstanceOf(ExitError);
    expect(String(error)).toContain("cannot be read (ENOENT)");
  });

  it.each([0o640, 0o604, 0o644])("in a file of mode %o is worth a warning", (mode) => {
    read({ path: write("secret", mode) });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`mode ${mode.toString(8)}); chmod 600`);
    expect(warnings[0]).not.toContain("secret");
  });

  it.each([0o600, 0o400, 0o622])("in a file of mode %o is worth none", (mode) => {
    read({ path: write("secret", mode) });
    expect(warnings).toEqual([]);
  });
});

function thrown(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
