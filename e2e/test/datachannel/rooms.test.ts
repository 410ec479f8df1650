import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSignalServer, type SignalServer } from "../../src/signal-server.js";
import { Chat } from "./support/chat.js";
import { Terminal } from "./support/terminal.js";

let server: SignalServer;
beforeAll(async () => {
  server = await startSignalServer();
});
afterAll(() => server[Symbol.asyncDispose]());

/** A chat without an id of its own choice. */
async function anybody(...args: readonly string[]): Promise<{ chat: Chat; id: string }> {
  const chat = new Chat(server.url, ["--json", ...args]);
  const { id } = await chat.event("registered");
  return { chat, id: String(id) };
}

async function start(addr: string, id: string): Promise<Chat> {
  const chat = await Chat.json(addr, id, "--room=standup");
  await chat.event("room", { state: "joined" });
  return chat;
}

describe("a room", () => {
  it("has three programs talk to each other, and nobody copies an id", async () => {
    const a = await anybody("--room=standup");
    await using alice = a.chat;
    await alice.event("room", { state: "joined" });
    const b = await anybody("--room=standup");
    await using bob = b.chat;
    await bob.event("channel", { peer: a.id });
    const c = await anybody();
    await using carol = c.chat;
    await carol.line("join standup");
    await Promise.all([a.id, b.id].map((peer) => carol.event("channel", { peer })));
    await Promise.all([alice, bob].map((chat) => chat.event("channel", { peer: c.id })));

    await alice.line("good morning");
    for (const chat of [bob, carol]) await chat.event("message", { text: "good morning" });
    await bob.line("hello");
    for (const chat of [alice, carol]) await chat.event("message", { text: "hello" });
    await carol.line("hi all");
    for (const chat of [alice, bob]) await chat.event("message", { text: "hi all" });
    const ids = new Map([
      [alice, [b.id, c.id]],
      [bob, [a.id, c.id]],
      [carol, [a.id, b.id]],
    ]);
    for (const [chat, others] of ids) {
      const connected = chat.events.filter(({ event }) => event === "connected");
      expect(connected.map(({ peer = "" }) => peer).toSorted()).toEqual(others.toSorted());
      const opened = chat.events.filter(({ event }) => event === "channel");
      expect(opened).toHaveLength(2);
    }

    await carol.line("peers");
    await carol.line("leave standup");
    for (const chat of [alice, bob]) {
      await chat.event("member", { peer: c.id, state: "left" });
      await chat.event("left", { peer: c.id });
    }
    await carol.line("anybody there?");
    expect(await carol.event("error")).toMatchObject({ code: "invalid_state" });
    await bob.line("quit");
    await alice.event("left", { peer: b.id });
    expect(alice.texts).toEqual(["hello", "hi all"]);
  });

  it("takes what a pipe holds to all who are there, and then ends", async () => {
    const a = await anybody("--room=news", "--role=answer");
    await using alice = a.chat;
    await alice.event("room");
    await using sender = new Chat(server.url, ["--room=news"]);
    sender.end("first\nsecond\n");
    expect(await sender.exit()).toEqual({ code: 0, signal: null });
    await using other = new Chat(server.url, ["--room=news", "--send=third"]);
    expect(await other.exit()).toEqual({ code: 0, signal: null });
    await alice.event("message", { text: "third" });
    expect(alice.texts).toEqual(["first", "second", "third"]);
  });

  it("goes on when the server comes back: who joins then finds those who were there", async () => {
    await using home = await startSignalServer();
    await using alice = await start(home.url, "alice");
    await using bob = await start(home.url, "bob");
    await Promise.all([alice.event("channel"), bob.event("channel")]);
    await home[Symbol.asyncDispose]();
    await Promise.all([alice, bob].map((chat) => chat.event("server", { state: "reconnecting" })));
    await alice.line("without a server");
    await bob.event("message", { text: "without a server" });
    await using again = await startSignalServer({ args: [`--port=${home.port}`] });
    await Promise.all([alice, bob].map((chat) => chat.event("server", { state: "registered" })));
    await using carol = await start(again.url, "carol");
    for (const peer of ["alice", "bob"]) await carol.event("channel", { peer });
    await carol.line("here I am");
    await Promise.all([alice, bob].map((chat) => chat.event("message", { text: "here I am" })));
    expect(alice.events.filter(({ event }) => event === "connected")).toHaveLength(2);
  });

  it("is where a person at a prompt talks to until it is left", async () => {
    await using me = await Terminal.open(server.url, "me");
    await me.enter("join garden");
    await me.shows("* joined the room garden");
    await me.prompts("#garden> ");
    await me.enter("peers");
    await me.shows("nobody else is in garden");
    await using other = await Chat.json(server.url, "other", "--room=garden");
    await me.shows("* other is in garden");
    await other.event("channel", { peer: "me" });
    await me.enter("hello");
    await other.event("message", { text: "hello" });
    await other.line("good evening");
    await me.shows("other: good evening");
    await me.enter("peers");
    await me.shows(/^garden\s+other$/);
    await me.enter("leave garden");
    await me.shows("* left the room garden");
    await me.prompts("> ");
    await other.event("left", { peer: "me" });
  });

  it("refuses a name that is none, and a target beside a room", async () => {
    for (const args of [["--room=no spaces"], ["--room=a", "--target=bob"], ["--send=x"]]) {
      await using chat = new Chat(server.url, args);
      expect(await chat.exit()).toEqual({ code: 2, signal: null });
    }
  });
});
