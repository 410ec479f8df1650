import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { runMedia } from "./support/run.js";

const defaults = {
  output: "sample.wav",
  duration: 5,
  freq: 440,
  rate: 48_000,
  channels: 2,
  bits: 16,
  amplitude: 0.3,
  waveform: "sine",
};

async function media(...argv: string[]): Promise<{ code: unknown; out: string; err: string }> {
  const { code, out, err } = await runMedia(argv, { cwd: "/nowhere" });
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
    for (const help of ["--help", "-h"]) {
      const { code, out } = await media("generate-audio", "--", help);
      expect(code).toBe(0);
      for (const [name, value] of Object.entries(defaults)) {
        expect(out).toMatch(new RegExp(`--${name}=.*default ${value}\\)`));
      }
    }
  });

  it("prints the help that its README shows", async () => {
    const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
    for (const command of ["start", "generate-audio"]) {
      const { out } = await media(command, "--help");
      expect(readme).toContain(`\`\`\`text\n${out}\n\`\`\`\n`);
    }
  });

  it("refuses a missing and an unknown command with exit code 2", async () => {
    expect(await media()).toEqual({
      code: 2,
      out: "",
      err: "conic-media: a command is missing; try --help",
    });
    expect(await media("generate-video")).toEqual({
      code: 2,
      out: "",
      err: 'conic-media: there is no command "generate-video"; try --help',
    });
  });

  it("refuses to call nobody without a terminal to ask on", async () => {
    expect(await media("start", "audio", "--role=offer")).toEqual({
      code: 2,
      out: "",
      err: "conic-media: --role=offer needs --peer=<id> without a terminal to ask on; try --help",
    });
  });

  it("shows help whatever else is wrong", async () => {
    const { code, out, err } = await media("generate-audio", "--bits", "7", "--volume=3", "--help");
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("--bits=N");
  });

  it("hands the exit code of a command on", async () => {
    expect(await media("generate-audio", "--bits", "7")).toMatchObject({ code: 2, out: "" });
  });
});
