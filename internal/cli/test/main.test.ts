import { openSync } from "node:fs";
import { PassThrough } from "node:stream";
import { ConicError, deferred } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { ExitError, exitCodes, runMain, usageError, type ExitCode } from "../src/index.js";

async function outcome(main: () => Promise<ExitCode | void>) {
  const host = { exitCode: undefined, stdout: new PassThrough(), stderr: new PassThrough() };
  await runMain("app", main, host);
  return { code: host.exitCode as number | undefined, text: String(host.stderr.read() ?? "") };
}

function failing(error: unknown) {
  return outcome(() => {
    throw error;
  });
}

describe("runMain", () => {
  it("ends with the code that the app returns, or 0", async () => {
    expect(await outcome(() => Promise.resolve())).toEqual({ code: 0, text: "" });
    expect(await outcome(() => Promise.resolve(exitCodes.peer))).toEqual({ code: 4, text: "" });
  });

  it.each<[name: string, error: Error, code: number]>([
    ["a wrong command line", usageError("--a is wrong"), 2],
    ["a failure", new ExitError(exitCodes.failure, "it failed"), 1],
    ["a server out of reach", new ExitError(exitCodes.unreachable, "no server"), 3],
    ["a peer that is gone", new ExitError(exitCodes.peer, "no peer"), 4],
    ["an interrupt", new ExitError(exitCodes.interrupted, "interrupted"), 130],
    ["a ConicError", new ConicError("closed", "it is closed"), 1],
    ["ConicError unreachable", new ConicError("unreachable", "refused"), 3],
    ["ConicError invalid_argument", new ConicError("invalid_argument", "too long"), 2],
  ])("turns %s into one line and an exit code", async (_, error, code) => {
    expect(await failing(error)).toEqual({ code, text: `app: ${error.message}\n` });
  });

  it("keeps to one line when the message has more", async () => {
    const { text } = await failing(usageError('"a\n  b\r\nc" is wrong'));
    expect(text).toBe('app: "a b c" is wrong; try --help\n');
  });

  it("says what the system refused, without a stack", async () => {
    const { code, text } = await outcome(() => {
      openSync("/no/such/file", "r");
      return Promise.resolve();
    });
    expect(code).toBe(1);
    expect(text).toMatch(/^app: ENOENT: [^\n]*\/no\/such\/file'\n$/);
  });

  it("shows the stack of a fault of the program", async () => {
    const { code, text } = await failing(new TypeError("x is undefined"));
    expect(code).toBe(1);
    expect(text).toMatch(/^app: TypeError: x is undefined\n {4}at .*main\.test\.ts/);
  });

  it("takes what is no error", async () => {
    expect(await failing("just text")).toEqual({ code: 1, text: "app: just text\n" });
  });

  it("outlives readers that leave early", async () => {
    const host = { exitCode: undefined, stdout: new PassThrough(), stderr: new PassThrough() };
    await runMain(
      "app",
      async () => {
        for (const stream of [host.stdout, host.stderr]) {
          // Not once(): that rejects with the error.
          const closed = deferred<void>();
          stream.on("close", () => {
            closed.resolve();
          });
          stream.destroy(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
          await closed.promise;
        }
      },
      host,
    );
    expect(host.exitCode).toBe(0);
  });
});
