import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import {
  defineCommand,
  exitCodes,
  processIo,
  runCommand,
  type CommandIo,
  type Program,
} from "../src/index.js";

function setUp() {
  const calls: unknown[] = [];
  const printed: string[] = [];
  const send = defineCommand({
    name: "send",
    summary: "Send it",
    flags: {
      times: { type: "number", default: 1, min: 1, max: 9, env: "T_TIMES", help: "How often" },
      json: { type: "boolean", help: "For machines" },
    },
    positionals: ["TARGET"],
    footer: ["Bye"],
    run: ({ times, json }, { cwd }, [target]) => {
      calls.push({ times, json, cwd, target });
      return Promise.resolve(target === "nobody" ? exitCodes.peer : undefined);
    },
  });
  const wait = defineCommand({
    name: "wait",
    summary: "Wait for it",
    flags: {},
    run: () => Promise.reject(new Error("broken")),
  });
  const program: Program = {
    name: "app",
    summary: "Does it.",
    version: "1.2.3",
    commands: [send, wait],
  };
  const io: CommandIo = {
    cwd: "/home",
    env: { T_TIMES: "3" },
    print: (text) => printed.push(text),
  };
  const run = (...argv: string[]) => runCommand(program, argv, io);
  return { run, calls, printed };
}

describe("a program with commands", () => {
  it("runs the one that the first argument names, with flags, environment and arguments", async () => {
    const { run, calls, printed } = setUp();
    expect(await run("send", "bob", "--json")).toBe(0);
    expect(await run("send", "--times=2", "nobody")).toBe(4);
    expect(await run("send")).toBe(0);
    expect(calls).toEqual([
      { times: 3, json: true, cwd: "/home", target: "bob" },
      { times: 2, json: false, cwd: "/home", target: "nobody" },
      { times: 3, json: false, cwd: "/home", target: undefined },
    ]);
    expect(printed).toEqual([]);
  });

  it("ignores the separator of package managers, before the command and after", async () => {
    const { run, calls } = setUp();
    await run("--", "send", "--times=2");
    await run("send", "--", "--times=2");
    expect(calls).toMatchObject([{ times: 2 }, { times: 2 }]);
  });

  it("lists its commands", async () => {
    const { run, printed } = setUp();
    expect([await run("--help"), await run("-h")]).toEqual([0, 0]);
    expect(printed[0]).toBe(printed[1]);
    expect(printed[0]).toMatch(/^Usage: app <command> \[options\]\n\nDoes it\.\n/);
    expect(printed[0]).toContain("\n  send  Send it\n  wait  Wait for it\n");
  });

  it("shows the flags of a command, without running it", async () => {
    const { run, calls, printed } = setUp();
    expect([await run("send", "--help"), await run("send", "x", "y", "-h")]).toEqual([0, 0]);
    expect(printed[0]).toBe(printed[1]);
    expect(printed[0]).toMatch(/^Usage: app send \[TARGET\] \[options\]\n\nSend it\n/);
    expect(printed[0]).toContain("--times=N      How often (default 1; T_TIMES)");
    expect(printed[0]).toMatch(/\n\nBye$/);
    await run("wait", "--help");
    expect(printed[2]).toMatch(/^Usage: app wait \[options\]\n/);
    expect(calls).toEqual([]);
  });

  it("shows its version, also behind a command", async () => {
    const { run, printed } = setUp();
    for (const argv of [["--version"], ["-V"], ["send", "--version"]]) {
      expect(await run(...argv)).toBe(0);
    }
    expect(printed).toEqual(["1.2.3", "1.2.3", "1.2.3"]);
  });

  it.each([
    [[], "a command is missing"],
    [["--"], "a command is missing"],
    [["fetch"], 'there is no command "fetch"'],
    [["fetch", "--help"], 'there is no command "fetch"'],
    [["--loud", "send"], "there is no option --loud"],
    [["send", "bob", "eve"], 'unexpected argument "eve"'],
    [["wait", "bob"], 'unexpected argument "bob"'],
    [["send", "--times=10"], '--times is a whole number from 1 to 9, not "10"'],
  ])("refuses %j", async (argv, message) => {
    const { run, calls, printed } = setUp();
    await expect(run(...argv)).rejects.toMatchObject({
      exitCode: 2,
      message: `${message}; try --help`,
    });
    expect([calls, printed]).toEqual([[], []]);
  });

  it("hands on what a command throws", async () => {
    await expect(setUp().run("wait")).rejects.toThrow("broken");
  });
});

describe("the process as a command sees it", () => {
  it("has its folder, environment, output and stop signal", () => {
    const stdout = new PassThrough({ encoding: "utf8" });
    const host = Object.assign(new EventEmitter(), {
      env: { A: "1" },
      stdout,
      cwd: () => "/home",
      exit: () => undefined,
    });
    const io = processIo(host);
    expect([io.cwd, io.env]).toEqual(["/home", { A: "1" }]);
    io.print("one\ntwo");
    expect(stdout.read()).toBe("one\ntwo\n");
    expect(io.signal?.aborted).toBe(false);
    host.emit("SIGTERM");
    expect(io.signal?.aborted).toBe(true);
  });
});
