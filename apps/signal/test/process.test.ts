import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { keepMessagesYoung } from "../src/process.js";

describe("the heap of the server", () => {
  it("is told what V8 knows: the option is one of this version", () => {
    const { stdout } = spawnSync(process.execPath, ["--v8-options"], { encoding: "utf8" });
    expect(stdout).toContain("--allocation-site-pretenuring");
    expect(keepMessagesYoung).not.toThrow();
  });
});
