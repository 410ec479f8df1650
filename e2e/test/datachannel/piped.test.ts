import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSignalServer, type SignalServer } from "../../src/signal-server.js";
import { Chat, unique } from "./support/chat.js";

let server: SignalServer;
beforeAll(async () => {
  server = await startSignalServer();
});
afterAll(() => server[Symbol.asyncDispose]());

describe.concurrent("--json", () => {
  it("tells the whole of a chat on both sides, one JSON event a line", async () => {
    const [alice, bob] = [unique("alice"), unique("bob")];
    await using a = await Chat.json(server.url, alice, "--role=answer");
    await using b = new Chat(server.url, ["--json", `--id=${bob}`, `--target=${alice}`]);
    await b.event("channel");
    await b.line("hello こんにちは");
    await a.event("message");
    await a.line("hi");
    await b.event("message");
    b.end();
    expect(await b.exit()).toEqual({ code: 0, signal: null });
    await a.event("left");

    const iso = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;
    const connected = { event: "connected", path: "direct", ms: expect.any(Number) as number };
    const open = { event: "channel", label: "chat", state: "open" };
    expect(b.events).toEqual(
      [
        { event: "registered", id: bob, server: server.url },
        { event: "calling", peer: alice },
        { ...connected, peer: alice },
        { ...open, peer: alice, by: "local" },
        { event: "sent", peer: alice, label: "chat", bytes: 21 },
        { event: "message", peer: alice, label: "chat", bytes: 2, text: "hi" },
        { event: "channel", peer: alice, label: "chat", state: "closed", by: "local" },
        { event: "left", peer: alice, clean: true, reason: "" },
      ].map((event) => ({ time: iso, ...event })),
    );
    expect(a.events).toEqual(
      [
        { event: "registered", id: alice, server: server.url },
        { event: "incoming", peer: bob },
        { ...connected, peer: bob },
        { ...open, peer: bob, by: "remote" },
        { event: "message", peer: bob, label: "chat", bytes: 21, text: "hello こんにちは" },
        { event: "sent", peer: bob, label: "chat", bytes: 2 },
        { event: "channel", peer: bob, label: "chat", state: "closed", by: "remote" },
        { event: "left", peer: bob, clean: true, reason: "closed by the remote" },
      ].map((event) => ({ time: iso, ...event })),
    );
  });

  it("errors are events too", async () => {
    await using chat = await Chat.json(server.url, unique("chat"));
    await chat.line("offer nobody");
    expect(await chat.event("error", { peer: "nobody" })).toMatchObject({
      code: "target_not_found",
      message: "nobody is registered as nobody: check the id, and that the peer is running",
    });
    await chat.line("send chat hi");
    await chat.event("error", { code: "invalid_argument" });
    await chat.line("/dance");
    await chat.event("error", { code: "usage" });
  });
});

describe.concurrent("stdin with --target", () => {
  it("each line is a message, and stdout of the other side holds the messages alone", async () => {
    const alice = unique("alice");
    await using a = new Chat(server.url, [`--id=${alice}`, "--role=answer"]);
    a.end();
    await a.stderr.line(/^Your ID: /);
    await using b = new Chat(server.url, [`--target=${alice}`, `--id=${unique("bob")}`]);
    b.end("hello\n\n  quit\noffer nobody\nno line break at the end");
    expect(await b.exit()).toEqual({ code: 0, signal: null });
    await a.stderr.line(/ left$/);
    const text = "hello\n  quit\noffer nobody\nno line break at the end\n";
    await a.stdout.chars(text.length);
    expect(a.stdout.text).toBe(text);
    expect(b.stdout.text).toBe("");
    expect(b.stderr.lines).toEqual([
      expect.stringMatching(/^Your ID: bob-\d+$/),
      `* calling ${alice} …`,
      expect.stringMatching(new RegExp(String.raw`^\* connected to ${alice} \(direct, \d+ ms\)$`)),
      `* channel "chat" with ${alice} closed`,
    ]);
  });

  it("the target may be given as a plain argument", async () => {
    const alice = unique("alice");
    await using a = await Chat.json(server.url, alice, "--role=answer");
    await using b = new Chat(server.url, [alice]);
    b.end("hello\n");
    expect(await b.exit()).toEqual({ code: 0, signal: null });
    await a.event("message", { text: "hello" });
  });

  it("--send sends one message, whatever stdin does", async () => {
    const alice = unique("alice");
    await using a = await Chat.json(server.url, alice, "--role=answer");
    await using b = new Chat(server.url, [`--target=${alice}`, "--send", "two\nlines"]);
    expect(await b.exit()).toEqual({ code: 0, signal: null });
    await a.event("left");
    expect(a.texts).toEqual(["two\nlines"]);
  });

  it("--channel names the channel", async () => {
    const alice = unique("alice");
    await using a = await Chat.json(server.url, alice, "--role=answer");
    const args = [`--target=${alice}`, "--channel=写真 one", "--send=x"];
    await using b = new Chat(server.url, args);
    expect(await b.exit()).toEqual({ code: 0, signal: null });
    await a.event("message", { label: "写真 one", text: "x" });
  });
});

describe.concurrent("stdin without --target", () => {
  it("each line is a command", async () => {
    const [alice, bob] = [unique("alice"), unique("bob")];
    await using a = await Chat.json(server.url, alice, "--role=answer");
    await using b = new Chat(server.url, [`--id=${bob}`]);
    b.end(
      [`offer ${alice}`, "hello", "channel files", "send files data", "list", "quit", "never"].join(
        "\n",
      ),
    );
    expect(await b.exit()).toEqual({ code: 0, signal: null });
    await a.event("left");
    expect(a.events.filter(({ event }) => event === "message")).toMatchObject([
      { label: "chat", text: "hello" },
      { label: "files", text: "data" },
    ]);
    expect(b.stdout.text).toBe("");
    await b.stderr.line(/^LABEL\s+STATE\s+PEER\s+SENT\s+RECEIVED\s+BUFFERED$/);
    await b.stderr.line(new RegExp(String.raw`^files\s+open\s+${alice}\s+1 \(4 B\)\s+0 \(0 B\)`));
  });

  it("its end is the end, with what was sent delivered", async () => {
    const alice = unique("alice");
    await using a = await Chat.json(server.url, alice, "--role=answer");
    await using b = new Chat(server.url, []);
    b.end(`offer ${alice}\nlast words\n`);
    expect(await b.exit()).toEqual({ code: 0, signal: null });
    await a.event("message", { text: "last words" });
  });

  it("with --role=answer it stays after the end of stdin, until a signal", async () => {
    const alice = unique("alice");
    await using a = await Chat.json(server.url, alice, "--role=answer");
    a.end();
    for (const text of ["first", "second"]) {
      await using b = new Chat(server.url, [`--target=${alice}`, `--send=${text}`]);
      expect(await b.exit()).toEqual({ code: 0, signal: null });
      await a.event("message", { text });
    }
    a.kill("SIGTERM");
    expect(await a.exit()).toEqual({ code: 0, signal: null });
  });
});
