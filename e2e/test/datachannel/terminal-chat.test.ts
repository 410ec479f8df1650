import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSignalServer, type SignalServer } from "../../src/signal-server.js";
import { quickest } from "../../../internal/testing/src/haste.js";
import { Chat, unique } from "./support/chat.js";

import { keys, Terminal } from "./support/terminal.js";

let server: SignalServer;
beforeAll(async () => {
  server = await startSignalServer();
});
afterAll(() => server[Symbol.asyncDispose]());

describe("a call", () => {
  it("stands within 2 s of the target being entered", async () => {
    const [alice, bob] = [unique("alice"), unique("bob")];
    await using a = await Chat.json(server.url, alice, "--role=answer");
    let calls = 0;
    const call = async (): Promise<number> => {
      calls += 1;
      await using b = new Terminal(server.url, ["--role=offer", `--id=${bob}-${calls}`]);
      await b.prompts("Target peer ID: ");
      const start = performance.now();
      await b.enter(alice);
      await b.prompts(`${alice}> `);
      const tookMs = performance.now() - start;
      await b.enter("quit");
      await b.exit();
      await a.event("left", { peer: `${bob}-${calls}` });
      return tookMs;
    };
    expect(await quickest(2_000, call)).toBeLessThan(2_000);
    expect(a.names.filter((name) => name === "connected")).toHaveLength(calls);
  });
});

describe.concurrent("two people at their terminals", () => {
  it("--role=offer asks for the target, calls it, and both prompts chat", async () => {
    const [alice, bob] = [unique("alice"), unique("bob")];
    await using a = await Terminal.open(server.url, alice, "--role=answer");
    await using b = new Terminal(server.url, ["--role=offer", `--id=${bob}`]);
    await a.shows("Waiting for a call. Give your ID to the other side; help lists commands.");
    await b.shows(`Your ID: ${bob}`);
    await b.prompts("Target peer ID: ");
    await b.enter(alice);
    await b.shows(`* calling ${alice} …`);
    await a.shows(`* ${bob} is calling`);
    await b.shows(new RegExp(String.raw`^\* connected to ${alice} \(direct, \d+ ms\)$`));
    await a.shows(new RegExp(String.raw`^\* connected to ${bob} \(direct, \d+ ms\)$`));
    await b.prompts(`${alice}> `);
    await a.prompts(`${bob}> `);
    await b.enter("hello Alice");
    await a.shows(`${bob}: hello Alice`);
    await a.enter("hello Bob, こんにちは");
    await b.shows(`${alice}: hello Bob, こんにちは`);
    await a.prompts(`${bob}> `);
    expect([...a.screen.unknown, ...b.screen.unknown]).toEqual([]);
  });

  it("without --id, the server's id is shown and can be called", async () => {
    await using a = new Terminal(server.url, ["--role=answer"]);
    const [, alice = ""] = /^Your ID: (\S+)$/.exec(await a.shows(/^Your ID: \S+$/)) ?? [];
    await using b = await Terminal.open(server.url, unique("bob"));
    await b.enter(`offer ${alice}`);
    await b.prompts(`${alice}> `);
    await b.enter("found you");
    await a.shows(/: found you$/);
  });

  it("an unknown target is told, and the prompt goes on", async () => {
    const [alice, bob] = [unique("alice"), unique("bob")];
    await using a = await Terminal.open(server.url, alice);
    await using b = new Terminal(server.url, ["--role=offer", `--id=${bob}`]);
    await b.prompts("Target peer ID: ");
    await b.enter("nobody");
    await b.shows("! nobody is registered as nobody: check the id, and that the peer is running");
    await b.prompts("> ");
    await b.enter(`offer ${alice}`);
    await b.prompts(`${alice}> `);
    await b.enter("there you are");
    await a.shows(`${bob}: there you are`);
  });

  it("what is typed while the call connects is sent once it stands", async () => {
    const [alice, bob] = [unique("alice"), unique("bob")];
    await using a = await Terminal.open(server.url, alice);
    await using b = await Terminal.open(server.url, bob);
    await b.type(`offer ${alice}${keys.enter}are you there?${keys.enter}`);
    await a.shows(`${bob}: are you there?`);
  });

  it("closing the terminal says goodbye to the peer", async () => {
    const [alice, bob] = [unique("alice"), unique("bob")];
    await using a = await Chat.json(server.url, alice, "--role=answer");
    await using b = await Terminal.open(server.url, bob, `--target=${alice}`);
    await b.prompts(`${alice}> `);
    b.program.kill("SIGKILL");
    expect(await a.event("left", { peer: bob })).toMatchObject({ clean: true });
  });
});

describe.concurrent("leaving", () => {
  it.each([
    ["Ctrl-D", keys.endOfFile],
    ["Ctrl-C on an empty line", keys.interrupt],
    ["quit", `quit${keys.enter}`],
    ["exit", `exit${keys.enter}`],
  ])("%s ends with code 0, and the peer is told", async (_name, typed) => {
    const [alice, bob] = [unique("alice"), unique("bob")];
    await using a = await Chat.json(server.url, alice, "--role=answer");
    await using b = await Terminal.open(server.url, bob, `--target=${alice}`);
    await b.prompts(`${alice}> `);
    await b.type(typed);
    expect(await b.exit()).toEqual({ code: 0, signal: null });
    expect(await a.event("left", { peer: bob })).toMatchObject({ clean: true });
  });

  it("Ctrl-C on a line with text clears it and stays", async () => {
    const bob = unique("bob");
    await using b = await Terminal.open(server.url, bob);
    await b.type("never to be sent");
    await b.prompts("> never to be sent");
    await b.type(keys.left.repeat(5));
    await b.prompts("> never to be");
    await b.type(keys.interrupt);
    await b.prompts("> ");
    await b.enter("list");
    await b.shows("no channels yet: offer <peer_id> opens one");
  });

  it.each([
    ["Ctrl-D", keys.endOfFile],
    ["Ctrl-C", keys.interrupt],
  ])("%s at the question for the target ends with code 0", async (_name, key) => {
    await using b = new Terminal(server.url, ["--role=offer", `--id=${unique("bob")}`]);
    await b.prompts("Target peer ID: ");
    await b.type(key);
    expect(await b.exit()).toEqual({ code: 0, signal: null });
  });

  it("an empty answer to the question for the target leads to the prompt", async () => {
    await using b = new Terminal(server.url, ["--role=offer", `--id=${unique("bob")}`]);
    await b.prompts("Target peer ID: ");
    await b.enter("");
    await b.prompts("> ");
    expect(b.screen.line).toBe(">");
  });
});
