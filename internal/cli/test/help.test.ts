import { describe, expect, it } from "vitest";
import { formatHelp } from "../src/index.js";

const flags = {
  output: { type: "string", default: "a.wav", placeholder: "PATH", help: "Where to" },
  id: { type: "string", env: "T_ID", help: "Who" },
  bits: { type: "number", default: 16, choices: [8, 16], help: "How wide" },
  ratio: { type: "number", min: 0, max: 1, integer: false, help: "How much" },
  level: { type: "string", choices: ["info", "debug"], help: "How loud" },
  json: { type: "boolean", env: "T_JSON", help: "For machines" },
} as const;

describe("the text of --help", () => {
  it("has a line for each flag, its choices, default and variable, in columns", () => {
    expect(formatHelp({ usage: "t [options]", summary: "Does it.", flags, footer: ["Bye"] })).toBe(
      `Usage: t [options]

Does it.

Options:
  --output=PATH  Where to (default a.wav)
  --id=TEXT      Who (T_ID)
  --bits=N       How wide (8 | 16; default 16)
  --ratio=N      How much
  --level=TEXT   How loud (info | debug)
  --json         For machines (T_JSON)
  -h, --help     Show this help
  -V, --version  Show the version

Bye
`,
    );
  });

  it("lists commands in front of the options", () => {
    const commands = [
      { name: "send", summary: "Send it" },
      { name: "receive", summary: "Get it" },
    ];
    expect(formatHelp({ usage: "t", summary: "s", flags: {}, commands })).toBe(
      `Usage: t

s

Commands:
  send     Send it
  receive  Get it

Options:
  -h, --help     Show this help
  -V, --version  Show the version
`,
    );
  });
});
