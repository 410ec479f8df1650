import { createServer, type AddressInfo, type Server } from "node:net";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSignalServer, type SignalServer } from "../../src/signal-server.js";
import { Chat, unique } from "./support/chat.js";

let server: SignalServer;
beforeAll(async () => {
  server = await startSignalServer();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Runs to the end, without stdin. */
async function outcome(addr: string, ...args: string[]): Promise<{ code: number; line: string }> {
  await using chat = new Chat(addr, args);
  chat.end();
  const { code } = await chat.exit();
  expect(chat.stdout.text).toBe("");
  const lines = chat.stderr.lines.filter((line) => line.startsWith("conic-datachannel: "));
  expect(lines).toHaveLength(1);
  expect(chat.stderr.text).not.toMatch(/^\s+at /m);
  return { code: code ?? -1, line: lines[0] ?? "" };
}

async function listening(): Promise<{ server: Server; addr: string }> {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  return { server: listener, addr: `127.0.0.1:${(listener.address() as AddressInfo).port}` };
}

describe.concurrent("code 2: the command line is wrong", () => {
  it.each([
    ["an unknown flag", ["--frobnicate"], /frobnicate/],
    ["a role that is none", ["--role=spectator"], /role/],
    ["a timeout that is no number", ["--timeout=soon"], /timeout/],
    ["an id of other characters", ["--id=not valid"], /1 to 64 characters/],
    ["a target of other characters", ["--target=not/valid"], /1 to 64 characters/],
    ["--send without --target", ["--send=hello"], /--target/],
    [
      "an ICE server that is none",
      ["--ice-server=http://x", "--target=y"],
      /--ice-server: number 1 is not a URL/,
    ],
  ])("%s", async (_name, args, expected) => {
    const { code, line } = await outcome(server.url, ...args);
    expect(line).toMatch(expected);
    expect(code).toBe(2);
  });

  it.each(["http://localhost:3000", "localhost:99999", "a b", "ws://"])(
    "an address that is none: %s",
    async (addr) => {
      const { code, line } = await outcome(addr);
      expect(line).toContain("--addr is host:port or a ws:// URL");
      expect(code).toBe(2);
    },
  );

  it("the own id as the target", async () => {
    const alice = unique("alice");
    const { code, line } = await outcome(server.url, `--id=${alice}`, `--target=${alice}`);
    expect(line).toContain("own id");
    expect(code).toBe(2);
  });

  it("an id that another holds", async () => {
    const alice = unique("alice");
    await using holder = await Chat.json(server.url, alice, "--role=answer");
    const { code, line } = await outcome(server.url, `--id=${alice}`);
    expect(line).toContain("choose another --id");
    expect(code).toBe(2);
    expect(holder.names).toEqual(["registered"]);
  });
});

describe.concurrent("code 3: the server cannot be reached", () => {
  it("nothing listens there", async () => {
    const { server: listener, addr } = await listening();
    listener.close();
    await once(listener, "close");
    const { code, line } = await outcome(addr, "--target=alice");
    expect(line).toContain(addr);
    expect(line).toMatch(/nothing listens there.*npx @conic\/signal.*--addr/);
    expect(code).toBe(3);
  });

  it("something else answers there", async () => {
    const address = server.url.replace(/\/ws$/, "/elsewhere");
    const { code, line } = await outcome(address, "--target=alice");
    expect(line).toMatch(/404.*path/);
    expect(code).toBe(3);
  });

  it("what listens there says nothing", async () => {
    const { server: listener, addr } = await listening();
    try {
      const { code, line } = await outcome(addr);
      expect(line).toContain(addr);
      expect(code).toBe(3);
    } finally {
      listener.close();
    }
  });
});

describe.concurrent("code 4: the peer", () => {
  it("is unknown", async () => {
    const { code, line } = await outcome(server.url, "--target=nobody");
    expect(line).toContain("nobody is registered as nobody");
    expect(code).toBe(4);
  });

  it("leaves while it is being written to", async () => {
    const alice = unique("alice");
    await using a = await Chat.json(server.url, alice, "--role=answer");
    await using b = new Chat(server.url, [`--target=${alice}`]);
    await b.line("hello");
    await a.event("message");
    a.kill("SIGTERM");
    await a.exit();
    expect(await b.exit()).toEqual({ code: 4, signal: null });
    await b.stderr.line(new RegExp(`^conic-datachannel: ${alice} went away`));
  });

  it("does not answer in time", async () => {
    const alice = unique("alice");
    await using a = await Chat.json(server.url, alice, "--role=answer");
    a.kill("SIGSTOP");
    const { code, line } = await outcome(server.url, `--target=${alice}`, "--timeout=1");
    expect(line).toContain(`${alice} did not connect within 1000 ms`);
    expect(code).toBe(4);
  });
});

describe.concurrent.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s ends with code 0 at once",
  (signal) => {
    it("while waiting for a call", async () => {
      await using chat = await Chat.json(server.url, unique("chat"), "--role=answer");
      chat.kill(signal);
      expect(await chat.exit(10_000)).toEqual({ code: 0, signal: null });
    });

    it("in the middle of a chat, and nothing is left of it", async () => {
      const [alice, bob] = [unique("alice"), unique("bob")];
      await using a = await Chat.json(server.url, alice, "--role=answer");
      await using b = await Chat.json(server.url, bob, `--target=${alice}`);
      await b.event("channel");
      b.kill(signal);
      expect(await b.exit(10_000)).toEqual({ code: 0, signal: null });
      expect(await a.event("left", { peer: bob })).toMatchObject({ clean: true });
      await a.line(`offer ${bob}`);
      await a.event("error", { code: "target_not_found", peer: bob });
    });
  },
);

it("a reader of stdout that goes away ends the chat with a goodbye", async () => {
  const [alice, bob] = [unique("alice"), unique("bob")];
  await using a = await Chat.json(server.url, alice, "--role=answer");
  await using b = await Chat.json(server.url, bob, `--target=${alice}`);
  await b.event("channel");
  b.closeStdout();
  await a.line("anything to print");
  expect(await a.event("left", { peer: bob })).toMatchObject({ clean: true });
  expect(await b.exit()).toEqual({ code: 0, signal: null });
});
