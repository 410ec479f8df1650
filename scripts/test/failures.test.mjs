import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkFailures, failureLimits, failureLines, vitestFailures } from "../lib/failures.mjs";
import { bin, run } from "../lib/run.mjs";
import { root } from "../lib/workspace.mjs";

const files = {
  "a.test.mjs": `
    import { describe, expect, it } from "vitest";
    describe("group", () => describe("inner", () => {
      it("is right", () => {});
      it("is wrong", () => { expect([1]).toEqual([2]); });
      it.each([1])("has number %i", () => { throw new Error("said\\nin lines"); });
    }));`,
  "b.test.mjs": `
    import { beforeAll, describe, it } from "vitest";
    describe("hooked", () => {
      beforeAll(() => { throw new Error("the hook broke"); });
      it("is never run", () => {});
    });`,
  "c.test.mjs": 'import "./no-such-file.mjs";',
  "d.test.mjs": `
    import { it } from "vitest";
    it("forgets", async () => {
      Promise.reject(new Error("nobody caught me"));
      setTimeout(() => { throw new Error("too late"); });
      await new Promise((resolve) => { setTimeout(resolve, 50); });
    });`,
};

describe("a run of vitest that failed", () => {
  /** @type {string} */
  let folder;
  /** @type {import("../lib/failures.mjs").Failure[]} */
  let failures;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "conic-failures-"));
    mkdirSync(path.join(folder, "test"));
    symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"), "junction");
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(path.join(folder, "test", name), text);
    }
    const node20 = path.join(root, "scripts", "lib", "node-20.mjs");
    const reporters = [`--reporter=${node20}`, "--reporter=default", "--reporter=json"];
    const args = ["run", ...reporters, "--outputFile.json=report.json", `--root=${folder}`];
    const { code, output } = await run(bin("vitest"), args, { cwd: folder });
    const json = readFileSync(path.join(folder, "report.json"), "utf8");
    failures = vitestFailures({ json, code, output });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** @param {string} end */
  const linesOf = (end) => failures.find(({ title }) => title.endsWith(end))?.lines;

  it("names each test by file, groups and title, with its message and where it failed", () => {
    expect(linesOf("test/a.test.mjs > group > inner > is wrong")).toEqual([
      "AssertionError: expected [ 1 ] to deeply equal [ 2 ]",
      expect.stringMatching(/^at .*a\.test\.mjs:5:\d+\)?$/),
    ]);
    expect(linesOf("test/a.test.mjs > group > inner > has number 1")).toEqual([
      "Error: said",
      expect.stringMatching(/^at .*a\.test\.mjs:6:\d+\)?$/),
      "in lines",
    ]);
  });

  it("names files that could not be loaded, hooks that failed and errors that nobody handled", () => {
    expect(linesOf("c.test.mjs")?.[0]).toContain("no-such-file.mjs");
    expect(linesOf("b.test.mjs > hooked")?.join("\n")).toMatch(/the hook broke\n.*b\.test\.mjs:4:/);
    expect(linesOf("Unhandled Rejection")?.join("\n")).toMatch(/nobody caught me\n.*d\.test\.mjs/);
    expect(linesOf("Uncaught Exception")?.join("\n")).toMatch(/too late\n.*d\.test\.mjs/);
    expect(failures).toHaveLength(6);
  });
});

describe("a run of vitest", () => {
  const passed = JSON.stringify({ numPassedTests: 1, testResults: [] });

  it("that passed has no failures", () => {
    expect(vitestFailures({ json: passed, code: 0, output: "1 passed" })).toEqual([]);
  });

  it.each([
    ["was stopped", undefined, 124, "left no report"],
    ["left half a report", '{"numPassed', 1, "left no report"],
    ["failed without a reason", passed, 1, "named no test"],
    ["had no tests", JSON.stringify({ numPassedTests: 0, testResults: [] }), 0, "named no test"],
  ])("that %s says so, with the end of its output", (_what, json, code, why) => {
    const output = `${"x\n".repeat(100)}the \u001b[31mlast\u001b[39m words\n\n`;
    const [failure, ...others] = vitestFailures({ json, code, output });
    expect(others).toEqual([]);
    expect(failure?.title).toContain(`code ${code}`);
    expect(failure?.title).toContain(why);
    expect(failure?.lines.at(-1)).toBe("the last words");
    expect(failure?.lines).toHaveLength(failureLimits.lines);
  });
});

describe("pnpm check", () => {
  it("has each failed step named, with the end of what it printed", () => {
    const output = [
      "ok     fmt               1.0 s",
      "FAILED lint             22.3 s",
      "$ oxlint --type-aware",
      "a.ts: no any",
      "",
      "FAILED tests of its own say so",
      "ok     size              0.2 s",
      "FAILED docs              3.0 s",
      "$ node scripts/check-docs.mjs",
      "broken link",
      "2 passed, 2 failed",
      "",
    ].join("\n");
    expect(checkFailures(output)).toEqual([
      {
        title: "lint",
        lines: ["$ oxlint --type-aware", "a.ts: no any", "FAILED tests of its own say so"],
      },
      { title: "docs", lines: ["$ node scripts/check-docs.mjs", "broken link"] },
    ]);
    expect(checkFailures("ok     fmt               1.0 s\n1 passed, 0 failed\n")).toEqual([]);
  });

  it("begins with the remark on its line", () => {
    const output =
      "ok     clone             1.0 s  abc a commit\nFAILED npm              20.5 s  npm ended with code 1\nE404\n" +
      "FAILED esm               0.0 s  not run: it needs npm\n1 passed, 2 failed\n";
    expect(checkFailures(output)).toEqual([
      { title: "npm", lines: ["npm ended with code 1", "E404"] },
      { title: "esm", lines: ["not run: it needs npm"] },
    ]);
  });
});

describe("the lines about failures", () => {
  const lines = Array.from({ length: 50 }, (_, i) => `line ${i}`);
  /** @param {number} count */
  const failures = (count) =>
    Array.from({ length: count }, (_, i) => ({ title: `test ${i}`, lines }));

  it("are none for none", () => {
    expect(failureLines([])).toEqual([]);
  });

  it("are as many as there is room for, whatever the number of failures", () => {
    for (const count of [1, 2, 3, 7, failureLimits.failures]) {
      const printed = failureLines(failures(count));
      expect(printed).toHaveLength(failureLimits.lines);
      expect(printed.filter((line) => line.startsWith("FAILED test"))).toHaveLength(count);
    }
  });

  it("leave the room that one does not need to the others", () => {
    const printed = failureLines([{ title: "short", lines: [] }, ...failures(1)]);
    expect(printed).toHaveLength(failureLimits.lines);
  });

  it("count those above the limit", () => {
    const printed = failureLines(failures(failureLimits.failures + 1));
    expect(printed).toHaveLength(failureLimits.lines);
    expect(printed.at(-1)).toBe("FAILED and 1 more");
  });

  it("are cut at the limit of characters, and not before", () => {
    const [room, more] = [failureLimits.chars - "FAILED ".length, failureLimits.chars];
    expect(failureLines([{ title: "t".repeat(room), lines: [] }])[0]).not.toContain("…");
    expect(failureLines([{ title: "t".repeat(room + 1), lines: [] }])[0]).toMatch(/^.+…$/);
    expect(failureLines([{ title: "t".repeat(more), lines: [] }])[0]).toHaveLength(more);
  });
});
