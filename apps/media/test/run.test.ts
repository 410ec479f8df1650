import { describe, expect, it } from "vitest";
import { defaults } from "../src/generate-audio/options.js";
import { run } from "../src/run.js";

async function media(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const io = {
    cwd: "/nowhere",
    env: {},
    stdout: (line: string) => out.push(line),
    stderr: (line: string) => err.push(line),
  };
  const code = await run(argv, io, "1.2.3");
  return { code, out: out.join("\n"), err: err.join("\n") };
}

describe("conic-media", () => {
  it("prints its version", async () => {
    for (const argv of [["--version"], ["generate-audio", "--version"]]) {
      expect(await media(...argv)).toEqual({ code: 0, out: "1.2.3", err: "" });
    }
  });

  it("prints its commands", async () => {
    for (const flag of ["--help", "-h"]) {
      const { code, out, err } = await media(flag);
      expect([code, err]).toEqual([0, ""]);
      expect(out).toContain("generate-audio");
    }
  });

  it("prints every flag of a command, with its default", async () => {
    for (const flag of ["--help", "-h"]) {
      const { code, out } = await media("generate-audio", "--", flag);
      expect(code).toBe(0);
      for (const [name, value] of Object.entries(defaults)) {
        expect(out).toMatch(new RegExp(`--${name} .*\\(default ${value}\\)`));
      }
    }
  });

  it("refuses a missing and an unknown command with exit code 2", async () => {
    expect(await media()).toEqual({
      code: 2,
      out: "",
      err: "conic-media: a command is missing; see --help",
    });
    expect(await media("generate-video")).toEqual({
      code: 2,
      out: "",
      err: "conic-media: unknown command 'generate-video'; see --help",
    });
  });

  it("hands the exit code of a command on", async () => {
    expect(await media("generate-audio", "--bits", "7")).toMatchObject({ code: 2, out: "" });
  });
});
