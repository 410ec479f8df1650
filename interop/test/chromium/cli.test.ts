import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Chat, unique } from "../../../e2e/test/datachannel/support/chat.js";
import { startSignalServer, type SignalServer } from "../../../e2e/src/signal-server.js";
import { Chromium } from "../../src/chromium.js";

let server: SignalServer;
let chromium: Chromium;
beforeAll(async () => {
  // Whoever comes back under the id of a process that was killed waits until the server has given that up.
  server = await startSignalServer({ args: ["--resume-ttl-ms=1000"] });
  chromium = await Chromium.start();
});
afterAll(async () => {
  await chromium[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

describe("a browser calls the chat", () => {
  it("and both talk, in any script", async () => {
    const [web, cli] = [unique("web"), unique("cli")];
    await using c = await Chat.json(server.url, cli, "--role=answer");
    await using w = await chromium.peer(server.url, web);
    await w.call(cli);
    await c.event("connected", { peer: web, path: "direct" });
    await c.event("channel", { peer: web, label: "chat", by: "remote", state: "open" });
    await w.event({ event: "channel", peer: cli, label: "chat", state: "open" });
    await w.say(cli, "chat", "hello from the browser 日本語 🎉");
    await c.event("message", { peer: web, text: "hello from the browser 日本語 🎉" });
    await c.line("hello from the terminal 日本語 🎉");
    await w.event({ event: "message", peer: cli, text: "hello from the terminal 日本語 🎉" });
    await w.useForms(cli, "typed by hand");
    await c.event("message", { peer: web, text: "typed by hand" });
    await w.say(cli, "chat", "");
    await c.event("message", { peer: web, text: "", bytes: 0 });
    await w.sayBytes(cli, "chat", Uint8Array.of(0, 255, 128));
    await c.event("message", { peer: web, bytes: 3, data: "AP+A" });
    expect(c.names).not.toContain("error");
    expect(w.faults).toEqual([]);
  });

  it("on several channels, some of them with labels that are not ASCII", async () => {
    const [web, cli] = [unique("web"), unique("cli")];
    await using c = await Chat.json(server.url, cli, "--role=answer");
    await using w = await chromium.peer(server.url, web);
    const labels = ["chat", "ファイル", "e\u0301\u{1f600}", ""];
    for (const label of labels) await w.call(cli, label);
    for (const label of labels) {
      await w.event({ event: "channel", label, state: "open" });
      await c.event("channel", { label, state: "open" });
      await w.say(cli, label, `on ${label}`);
    }
    for (const label of labels) await c.event("message", { label, text: `on ${label}` });
    await c.line("channel 写真");
    await w.event({ event: "channel", label: "写真", state: "open" });
    await c.line("send 写真 夕日");
    await w.event({ event: "message", label: "写真", text: "夕日" });
    await c.line("send ファイル 文書");
    await w.event({ event: "message", label: "ファイル", text: "文書" });
    expect(c.names).not.toContain("error");
  });

  it("and hangs up: the chat says so within 10 s", async () => {
    const [web, cli] = [unique("web"), unique("cli")];
    await using c = await Chat.json(server.url, cli, "--role=answer");
    await using w = await chromium.peer(server.url, web);
    await w.call(cli);
    await c.event("channel", { state: "open" });
    const start = performance.now();
    await w.hangUp(cli);
    await c.event("left", { peer: web, clean: true });
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it("again after the page was reloaded", async () => {
    const [web, cli] = [unique("web"), unique("cli")];
    await using c = await Chat.json(server.url, cli, "--role=answer");
    await using w = await chromium.peer(server.url, web);
    await w.call(cli);
    await w.event({ event: "channel", state: "open" });
    await w.reload();
    await w.call(cli);
    await w.event({ event: "channel", state: "open" });
    await w.say(cli, "chat", "after the reload");
    await c.event("message", { peer: web, text: "after the reload" });
    await c.line("welcome back");
    await w.event({ event: "message", peer: cli, text: "welcome back" });
    expect(c.names.filter((name) => name === "connected")).toHaveLength(2);
  });
});

describe("the chat calls a browser", () => {
  it("and both talk", async () => {
    const [web, cli] = [unique("web"), unique("cli")];
    await using w = await chromium.peer(server.url, web);
    await using c = await Chat.json(server.url, cli);
    await c.line(`offer ${web}`);
    await c.line("hello from the terminal 日本語");
    await w.event({ event: "message", peer: cli, text: "hello from the terminal 日本語" });
    await w.say(cli, "chat", "hello from the browser");
    await c.event("message", { peer: web, text: "hello from the browser" });
    expect(c.names).not.toContain("error");
    expect(w.faults).toEqual([]);
  });

  it("and leaves: the page sees its channel and its connection end", async () => {
    const [web, cli] = [unique("web"), unique("cli")];
    await using w = await chromium.peer(server.url, web);
    await using c = new Chat(server.url, [`--id=${cli}`, `--target=${web}`]);
    c.end("hello\n");
    expect(await c.exit()).toEqual({ code: 0, signal: null });
    await w.event({ event: "message", peer: cli, text: "hello" });
    await w.event({ event: "channel", peer: cli, label: "chat", state: "closed" });
  });

  it("again after it was killed, and the page takes the new call", async () => {
    const [web, cli] = [unique("web"), unique("cli")];
    await using w = await chromium.peer(server.url, web);
    await using first = await Chat.json(server.url, cli, `--target=${web}`);
    await first.event("channel");
    first.kill("SIGKILL");
    await first.exit();
    await using second = await Chat.json(server.url, cli, `--target=${web}`);
    await second.line("it is me again");
    await w.event({ event: "message", peer: cli, text: "it is me again" });
    await w.say(cli, "chat", "welcome back");
    await second.event("message", { peer: web, text: "welcome back" });
    expect(w.faults).toEqual([]);
  });
});

// Who gives way is decided by the ids: both ways round.
describe.each([
  ["the browser gives way", "a-web", "z-cli"],
  ["the chat gives way", "z-web", "a-cli"],
])("both call at the same time, and %s", (_name, webName, cliName) => {
  it.each([1, 2, 3])("one connection comes of it, and both talk (%i)", async () => {
    const [web, cli] = [unique(webName), unique(cliName)];
    await using w = await chromium.peer(server.url, web);
    await using c = await Chat.json(server.url, cli);
    await Promise.all([w.call(cli, "from-web"), c.line(`offer ${web}`)]);
    await c.line("channel more");
    await w.event({ event: "channel", label: "more", state: "open" });
    await w.event({ event: "channel", label: "from-web", state: "open" });
    await c.event("channel", { label: "from-web", state: "open", by: "remote" });
    await w.say(cli, "from-web", "hello from the browser");
    await c.event("message", { label: "from-web", text: "hello from the browser" });
    await c.line("send more hello from the terminal");
    await w.event({ event: "message", label: "more", text: "hello from the terminal" });
    expect(c.names.filter((name) => name === "connected")).toHaveLength(1);
    expect(w.faults).toEqual([]);
  });
});

describe("messages of 256 KiB", () => {
  const fromBrowser = "browser.".repeat(32_768);
  const fromTerminal = "terminal".repeat(32_768);

  it("arrive both ways", async () => {
    const [web, cli] = [unique("web"), unique("cli")];
    await using c = await Chat.json(server.url, cli, "--role=answer");
    await using w = await chromium.peer(server.url, web);
    await w.call(cli);
    await w.event({ event: "channel", state: "open" });
    await w.say(cli, "chat", fromBrowser);
    await c.event("message", { bytes: 262_144, text: fromBrowser });
    await c.line(fromTerminal);
    await w.event({ event: "message", text: fromTerminal });
    expect(c.names).not.toContain("error");
  });
});
