import { describe, expect, it } from "vitest";
import { run } from "../lib/run.mjs";
import { closing, countVitest, readClosing, total } from "../lib/summary.mjs";

/**
 * @param {number} passed
 * @param {number} failed
 * @param {{ status: string, assertionResults: { status: string }[] }[]} [testResults]
 */
const report = (passed, failed, testResults = []) =>
  JSON.stringify({
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: 2,
    testResults,
  });

describe("counting", () => {
  it("adds up and reads back", () => {
    const sum = total([
      { passed: 3, failed: 0 },
      { passed: 4, failed: 1 },
    ]);
    expect(closing(sum)).toBe("7 passed, 1 failed");
    expect(readClosing(`1 passed, 9 failed\nx ${closing(sum)}\n${closing(sum)}\n`)).toEqual(sum);
    expect(readClosing("all 7 passed, 1 failed")).toBeUndefined();
  });

  it("counts tests that passed and failed", () => {
    expect(countVitest(report(5, 0), 0)).toEqual({ passed: 5, failed: 0, skipped: 2 });
    const failed = { status: "failed", assertionResults: [{ status: "failed" }] };
    expect(countVitest(report(5, 1, [failed]), 1)).toMatchObject({ passed: 5, failed: 1 });
  });

  it.each([
    [
      "a file that could not be loaded",
      report(5, 0, [{ status: "failed", assertionResults: [] }]),
      1,
    ],
    ["an unhandled error", report(5, 0), 1],
    ["a run without tests", report(0, 0), 0],
    ["no report", undefined, 0],
    ["half a report", '{"numPassed', 0],
  ])("counts %s as a failure", (_why, json, code) => {
    expect(countVitest(json, code).failed).toBe(1);
  });
});

/**
 * @param {string} code
 * @param {number} [timeoutMs]
 */
const node = (code, timeoutMs = 20_000) => run(process.execPath, ["-e", code], { timeoutMs });

describe("run", () => {
  it("gives the exit code and both outputs, without standard input", async () => {
    const code =
      'process.stdin.on("end", () => { console.log("o"); console.error("e"); process.exit(3); }).resume();';
    const result = await node(code);
    expect(result.code).toBe(3);
    expect(result.output).toContain("o\n");
    expect(result.output).toContain("e\n");
  });

  it("says so when the command does not exist", async () => {
    expect((await run("conic-no-such-command", [])).code).toBe(
      process.platform === "win32" ? 1 : 127,
    );
  });

  it("stops a command that hangs, and what it started", async () => {
    const child =
      'require("child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"])';
    const { code, output } = await node(
      `console.log(${child}.pid); setInterval(() => {}, 1000)`,
      5_000,
    );
    expect(code).toBe(124);
    expect(output).toContain("stopped after 5 s");
    const pid = Number(output.split("\n")[0]);
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
  });
});

/** @param {number} pid */
function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
