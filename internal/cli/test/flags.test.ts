import { describe, expect, it } from "vitest";
import { ExitError, formatHelp, parseCommandLine } from "../src/index.js";

const flags = {
  host: { type: "string", default: "localhost", env: "T_HOST", help: "Where" },
  port: { type: "number", default: 3000, min: 0, max: 65_535, env: "T_PORT", help: "Which" },
  ratio: { type: "number", min: 0, max: 1, integer: false, help: "How much" },
  bits: { type: "number", default: 16, choices: [8, 16], help: "How wide" },
  level: { type: "string", default: "info", choices: ["info", "debug"], help: "How loud" },
  json: { type: "boolean", env: "T_JSON", help: "For machines" },
} as const;

function parse(argv: string[], env: Record<string, string> = {}) {
  return parseCommandLine(flags, argv, env);
}

function failure(argv: string[], env: Record<string, string> = {}): string {
  const error = thrownBy(() => parse(argv, env));
  expect(error).toBeInstanceOf(ExitError);
  expect((error as ExitError).exitCode).toBe(2);
  return (error as ExitError).message;
}

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

describe("the command line", () => {
  it("takes flags before the environment before defaults", () => {
    expect(parse([]).values).toEqual({
      host: "localhost",
      port: 3000,
      ratio: undefined,
      bits: 16,
      level: "info",
      json: false,
    });
    expect(parse([], { T_PORT: "1", T_JSON: "yes" }).values).toMatchObject({ port: 1, json: true });
    expect(parse(["--port=2", "--ratio", "0.5"], { T_PORT: "1" }).values).toMatchObject({
      port: 2,
      ratio: 0.5,
    });
    expect(parse([], { T_HOST: "" }).values.host).toBe("localhost");
  });

  it("ignores the separator that package managers pass on", () => {
    expect(parse(["--", "--port=2"]).values.port).toBe(2);
  });

  it.each([
    [["--nope"], "there is no option --nope; try --help"],
    [["--port=x"], '--port is a whole number from 0 to 65535, not "x"; try --help'],
    [["--port=65536"], '--port is a whole number from 0 to 65535, not "65536"; try --help'],
    [["--port=1.5"], '--port is a whole number from 0 to 65535, not "1.5"; try --help'],
    [["--port=1e3"], '--port is a whole number from 0 to 65535, not "1e3"; try --help'],
    [["--port="], '--port is a whole number from 0 to 65535, not ""; try --help'],
    [["--port", "-1"], '--port is a whole number from 0 to 65535, not "-1"; try --help'],
    [["--ratio=1.01"], '--ratio is a number from 0 to 1, not "1.01"; try --help'],
    [["--ratio=."], '--ratio is a number from 0 to 1, not "."; try --help'],
    [["--bits=12"], '--bits is one of 8, 16, not "12"; try --help'],
    [["--bits=x"], '--bits is one of 8, 16, not "x"; try --help'],
    [["--json=maybe"], '--json is true or false, not "maybe"; try --help'],
    [["--host"], "--host needs a value; try --help"],
    [
      ["--host", "--json"],
      "--host needs a value; one that begins with a dash is --host=--json; try --help",
    ],
    [["-x"], "there is no option -x; try --help"],
    [["--constructor"], "there is no option --constructor; try --help"],
    [["--level=loud"], '--level is one of info, debug, not "loud"; try --help'],
  ])("refuses %j in one line", (argv, message) => {
    expect(failure(argv)).toBe(message);
    expect(parse(["--port=65535"]).values.port).toBe(65_535);
  });

  it.each([
    ["1", 1],
    ["0", 0],
    [".5", 0.5],
    ["1.", 1],
    ["0.25", 0.25],
  ])("takes the number %s", (text, value) => {
    expect(parse([`--ratio=${text}`]).values.ratio).toBe(value);
    expect(parse(["--ratio", text]).values.ratio).toBe(value);
  });

  it("takes numbers out of choices, with their types", () => {
    const bits: 8 | 16 = parse(["--bits=8"]).values.bits;
    expect(bits).toBe(8);
  });

  it("takes a value that begins with a dash behind =, and a lone dash", () => {
    expect(parse(["--host=--json"]).values).toMatchObject({ host: "--json", json: false });
    expect(parse(["--host", "-"]).values.host).toBe("-");
  });

  it("takes the last of a repeated flag, and what is no flag", () => {
    expect(parse(["--port=1", "a", "--port=2", "--", "--json"])).toMatchObject({
      values: { port: 2, json: false },
      positionals: ["a", "--json"],
    });
  });

  it("can turn off what the environment turns on", () => {
    expect(parse(["--json=false"], { T_JSON: "yes" }).values.json).toBe(false);
    expect(parse(["--json"], { T_JSON: "no" }).values.json).toBe(true);
  });

  it("judges nothing else when help or the version is asked for", () => {
    for (const flag of ["--help", "-h", "--version", "-V"]) {
      const parsed = parse(["--port=x", "--nope", flag], { T_PORT: "many" });
      expect(parsed.values).toEqual(parse([]).values);
      expect(parsed.help || parsed.version).toBe(true);
    }
  });

  it("names the environment variable that is wrong", () => {
    expect(failure([], { T_PORT: "many" })).toContain(
      'T_PORT is a whole number from 0 to 65535, not "many"',
    );
    expect(failure([], { T_JSON: "perhaps" })).toContain("T_JSON is true or false");
  });

  it("finds help and version, and lists every flag with its default and variable", () => {
    expect(parse(["-h"]).help).toBe(true);
    expect(parse(["--version"]).version).toBe(true);
    const help = formatHelp({ usage: "t", summary: "s", flags, footer: ["bye"] });
    expect(help).toContain("--port=N");
    expect(help).toContain("(default 3000; T_PORT)");
    expect(help).toContain("info | debug");
    expect(help.trimEnd().endsWith("bye")).toBe(true);
  });
});
