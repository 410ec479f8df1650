import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSignalServer, type SignalServer } from "../../src/signal-server.js";
import { quickest } from "../../../internal/testing/src/haste.js";
import { Chat, unique } from "./support/chat.js";
import { Terminal } from "./support/terminal.js";

let server: SignalServer;
beforeAll(async () => {
  // Whoever comes back under the id of a process that was killed waits until the server has given that up.
  server = await startSignalServer({ args: ["--resume-ttl-ms=1000"] });
});
afterAll(() => server[Symbol.asyncDispose]());

/** The other side, in a chat with `survivor`, dies as in a crash. Resolves with when it did, as `Date.now()`. */
async function crashed(survivor: string, id: string): Promise<number> {
  await using victim = await Chat.json(server.url, id, `--target=${survivor}`);
  await victim.event("channel");
  victim.kill("SIGKILL");
  const at = Date.now();
  await victim.exit();
  return at;
}

describe.concurrent("a peer that is killed with -9", () => {
  it("is reported within 10 s, and can be called again once it is back", async () => {
    const alice = unique("alice");
    await using a = await Chat.json(server.url, alice, "--role=answer");
    let bob = "";
    const missing = async (): Promise<number> => {
      bob = unique("bob");
      const killedAt = await crashed(alice, bob);
      const { time } = await a.event("silent", { peer: bob });
      return Date.parse(time) - killedAt;
    };
    expect(await quickest(10_000, missing)).toBeLessThan(10_000);

    await using b = await Chat.json(server.url, bob, "--role=answer");
    await a.line(`offer ${bob}`);
    await a.line("better now?");
    await b.event("message", { peer: alice, text: "better now?" });
    await b.line("much");
    await a.event("message", { peer: bob, text: "much" });
  });

  it("may call anew: the survivor takes the call", async () => {
    const [alice, bob] = [unique("alice"), unique("bob")];
    await using a = await Chat.json(server.url, alice, "--role=answer");
    await crashed(alice, bob);
    await a.event("silent", { peer: bob });

    await using b = await Chat.json(server.url, bob, `--target=${alice}`);
    await b.line("here I am again");
    await a.event("message", { peer: bob, text: "here I am again" });
    await a.line("welcome back");
    await b.event("message", { peer: alice, text: "welcome back" });
    expect(a.names.filter((name) => name === "incoming")).toHaveLength(2);
  });

  it("may call anew even before anybody noticed", async () => {
    const [alice, bob] = [unique("alice"), unique("bob")];
    await using a = await Chat.json(server.url, alice, "--role=answer");
    await crashed(alice, bob);
    await using b = await Chat.json(server.url, bob, `--target=${alice}`);
    await b.line("that was quick");
    await a.event("message", { peer: bob, text: "that was quick" });
    await a.line("indeed");
    await b.event("message", { peer: alice, text: "indeed" });
    // However long the second process took to start: once its call has come, nobody is silent.
    const { names } = a;
    expect(names.slice(names.lastIndexOf("incoming"))).not.toContain("silent");
  });

  it("is told to people with what they can do", async () => {
    const [alice, bob] = [unique("alice"), unique("bob")];
    await using a = await Terminal.open(server.url, alice);
    await crashed(alice, bob);
    await a.shows(new RegExp(`^\\* no sign of life from ${bob}`));
    await using b = await Chat.json(server.url, bob, "--role=answer");
    await a.enter(`offer ${bob}`);
    await a.prompts(`${bob}> `);
    await a.enter("better now?");
    await b.event("message", { text: "better now?" });
  });
});

describe.concurrent("a peer that stops for a while", () => {
  it("is silent, then back, with nothing lost", async () => {
    const [alice, bob] = [unique("alice"), unique("bob")];
    await using a = await Chat.json(server.url, alice, "--role=answer");
    await using b = await Chat.json(server.url, bob, `--target=${alice}`);
    await a.event("channel");
    b.kill("SIGSTOP");
    await a.event("silent", { peer: bob });
    await a.line("are you asleep?");
    b.kill("SIGCONT");
    await a.event("back", { peer: bob });
    await b.event("message", { text: "are you asleep?" });
    await b.line("not any more");
    await a.event("message", { text: "not any more" });
    expect([...a.names, ...b.names]).not.toContain("left");
  });

  it("gets what was sent meanwhile from a sender that waits for that before it ends", async () => {
    const [alice, bob] = [unique("alice"), unique("bob")];
    await using a = await Chat.json(server.url, alice, "--role=answer");
    await using b = await Chat.json(server.url, bob, `--target=${alice}`);
    await a.event("channel");
    a.kill("SIGSTOP");
    b.end("last words\n");
    await b.event("silent", { peer: alice });
    a.kill("SIGCONT");
    expect(await b.exit()).toEqual({ code: 0, signal: null });
    await a.event("message", { peer: bob, text: "last words" });
  });
});
