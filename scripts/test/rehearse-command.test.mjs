import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { must, Running, StepFailure } from "../rehearse/command.mjs";

const options = { cwd: process.cwd(), env: {} };
const node = (/** @type {string} */ code) => ["-e", code];

describe("a command that ends", () => {
  it("gives what it said", async () => {
    const code = 'console.log("out"); console.error("err")';
    expect(await must(process.execPath, node(code), options)).toMatch(/out[^]*err|err[^]*out/);
  });

  it("fails with what it said, and its code", async () => {
    const failure = must(process.execPath, node('console.log("why"); process.exit(3)'), options);
    await expect(failure).rejects.toThrow("ended with code 3");
    await expect(failure).rejects.toMatchObject({ output: "why\n" });
  });
});

describe("a command that goes on", () => {
  const echo =
    'process.stdin.on("data", (data) => console.log(`heard ${data}`)); console.log("up")';

  it("says, hears, and ends when its input does", async () => {
    const running = new Running(process.execPath, node(echo), options);
    await running.says(/^up$/m);
    running.write("this");
    const [, heard] = await running.says(/^heard (\w+)/m);
    expect(heard).toBe("this");
    running.end();
    expect(await running.exit()).toBe(0);
    await running.stop();
  });

  it("is stopped, with what it started", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
    const connected = once(server, "connection");
    const child = `require("node:net").connect(${port}, "127.0.0.1")`;
    const code = `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(child)}])`;
    const running = new Running(process.execPath, node(code), options);
    const [socket] = /** @type {[import("node:net").Socket]} */ (await connected);
    socket.on("error", () => undefined).resume();
    const closed = once(socket, "close");
    await running.stop();
    expect(await closed).toEqual([expect.any(Boolean)]);
    server.close();
  });

  it("fails at once when it ends before it says what is waited for", async () => {
    const running = new Running(process.execPath, node('console.log("no")'), options);
    await expect(running.says(/yes/)).rejects.toThrow(/ended with code 0 before it said \/yes\//);
    await expect(running.says(/yes/)).rejects.toMatchObject({ output: "no\n" });
    await running.stop();
  });

  it("fails when it does not say it in time", async () => {
    const running = new Running(process.execPath, node(echo), options);
    await expect(running.says(/yes/, 50)).rejects.toThrow(StepFailure);
    await running.stop();
  });

  it("fails when there is no such program", async () => {
    const running = new Running("no-such-program", [], options);
    await expect(running.says(/yes/)).rejects.toThrow(/ended with code 127/);
  });
});
