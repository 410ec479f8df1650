import { describe, expect, it } from "vitest";
import { findAiortc } from "../lib/aiortc.mjs";
import { ensure } from "../lib/apt.mjs";
import { run } from "../lib/run.mjs";
import { root } from "../lib/workspace.mjs";

/** @param {readonly string[]} pythons that have aiortc */
const among =
  (...pythons) =>
  (/** @type {string} */ python) =>
    pythons.includes(python);

describe("findAiortc", () => {
  it("prefers the system's Python to another one that is first on the path", () => {
    expect(findAiortc("", among("python3", "/usr/bin/python3"))).toBe("/usr/bin/python3");
    expect(findAiortc("", among("python3"))).toBe("python3");
    expect(findAiortc("", among())).toBeUndefined();
  });

  it("obeys AIORTC_PYTHON, also when it is wrong", () => {
    expect(findAiortc("/my/python", among("/my/python", "python3"))).toBe("/my/python");
    expect(findAiortc("/none", among("python3"))).toBeUndefined();
  });
});

describe("ensure", () => {
  it("installs nothing when it is there", async () => {
    const result = await ensure(
      () => "here",
      () => Promise.reject(new Error("must not be asked")),
    );
    expect(result).toEqual({ found: "here", failures: [] });
  });

  it("tries one way after the other until it is there", async () => {
    /** @type {string[]} */
    const tried = [];
    const attempt = (/** @type {string} */ name, /** @type {number} */ code) => ({
      name,
      install: async () => {
        tried.push(name);
        return { code, output: `said ${name}` };
      },
    });
    const attempts = [attempt("a", 1), attempt("b", 0), attempt("c", 0)];
    const find = () => (tried.includes("b") ? "here" : undefined);
    expect(await ensure(find, async () => attempts)).toEqual({
      found: "here",
      failures: ["a ended with code 1:\nsaid a"],
    });
    expect(tried).toEqual(["a", "b"]);
  });
});

describe("ensure-aiortc", () => {
  it("fails when AIORTC_PYTHON has none", async () => {
    const { code, output } = await run(process.execPath, ["scripts/ensure-aiortc.mjs"], {
      cwd: root,
      env: { AIORTC_PYTHON: process.execPath },
    });
    expect(code).toBe(1);
    expect(output).toContain("correct it or unset it");
  });
});
