import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Chat, unique } from "../../../e2e/test/datachannel/support/chat.js";
import { startSignalServer, type SignalServer } from "../../../e2e/src/signal-server.js";
import { Chromium } from "../../src/chromium.js";

let server: SignalServer;
let chromium: Chromium;
beforeAll(async () => {
  server = await startSignalServer();
  chromium = await Chromium.start({ mdns: true });
});
afterAll(async () => {
  await chromium[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

// Nobody has to resolve the names: the browser finds the chat's address, and the chat learns the browser's from that.
describe("a browser that hides its addresses behind .local names", () => {
  it.each(["web", "cli"])("talks to the chat when %s calls", async (caller) => {
    const [web, cli] = [unique("web"), unique("cli")];
    await using w = await chromium.peer(server.url, web);
    await using c = await Chat.json(server.url, cli);
    if (caller === "web") await w.call(cli);
    else await c.line(`offer ${web}`);
    await c.event("channel", { label: "chat", state: "open" });
    const candidates = await w.localCandidates(cli);
    expect(candidates.some((candidate) => candidate.includes(".local "))).toBe(true);
    await c.line("hello from the terminal");
    await w.event({ event: "message", text: "hello from the terminal" });
    await w.say(cli, "chat", "hello from the browser");
    await c.event("message", { text: "hello from the browser" });
  });
});
