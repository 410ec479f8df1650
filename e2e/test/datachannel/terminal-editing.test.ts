import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSignalServer, type SignalServer } from "../../src/signal-server.js";
import { Chat, unique } from "./support/chat.js";

import { keys, Terminal } from "./support/terminal.js";

let server: SignalServer;
beforeAll(async () => {
  server = await startSignalServer();
});
afterAll(() => server[Symbol.asyncDispose]());

interface Pair extends AsyncDisposable {
  readonly me: Terminal;
  readonly other: Chat;
  readonly otherId: string;
  readonly myId: string;
}

/** A person at a terminal of 80 columns, connected to a chat that the test speaks through. */
async function connectedPair(): Promise<Pair> {
  const [myId, otherId] = [unique("me"), unique("other")];
  const other = await Chat.json(server.url, otherId, "--role=answer");
  const me = await Terminal.open(server.url, myId, `--target=${otherId}`);
  await me.prompts(`${otherId}> `);
  await other.event("channel", { state: "open" });
  const stop = async (): Promise<void> => {
    await Promise.all([me[Symbol.asyncDispose](), other[Symbol.asyncDispose]()]);
  };
  return { me, other, myId, otherId, [Symbol.asyncDispose]: stop };
}

describe.concurrent("a message that arrives while a line is being typed", () => {
  it("goes above the line, which stays as it is", async () => {
    await using pair = await connectedPair();
    const { me, other, otherId, myId } = pair;
    await me.type("half a li");
    await me.prompts(`${otherId}> half a li`);
    await other.line("excuse me");
    await me.shows(`${otherId}: excuse me`);
    await me.prompts(`${otherId}> half a li`);
    const { rows } = me.screen;
    expect(rows.indexOf(`${otherId}: excuse me`)).toBe(rows.length - 2);
    expect(rows.filter((row) => row.includes("half a li"))).toHaveLength(1);
    await me.enter("ne");
    expect(await other.event("message", { peer: myId })).toMatchObject({ text: "half a line" });
    expect(me.screen.unknown).toEqual([]);
  });

  it("leaves the cursor in the middle of the line", async () => {
    await using pair = await connectedPair();
    const { me, other, otherId, myId } = pair;
    await me.type("hell world");
    await me.prompts(`${otherId}> hell world`);
    await me.type(keys.left.repeat(6));
    await me.prompts(`${otherId}> hell`);
    await other.line("meanwhile");
    await me.shows(`${otherId}: meanwhile`);
    await me.prompts(`${otherId}> hell`);
    await me.enter("o");
    expect(await other.event("message", { peer: myId })).toMatchObject({ text: "hello world" });
  });

  it("does not spoil a line of several rows, nor wide characters", async () => {
    await using pair = await connectedPair();
    const { me, other, otherId, myId } = pair;
    const typed = `${"長い行".repeat(30)}.`;
    await me.type(typed);
    await me.shows(/行\.$/);
    const before = me.screen.rows.slice(-3);
    expect(before[0]?.startsWith(`${otherId}> 長`)).toBe(true);
    await other.line("one");
    await me.shows(`${otherId}: one`);
    await other.line("y".repeat(200));
    await me.shows(/^y+$/);
    await other.line("three");
    await me.shows(`${otherId}: three`);
    await me.shows(/行\.$/);
    expect(me.screen.rows.slice(-3)).toEqual(before);
    expect(me.screen.rows.filter((row) => row.startsWith(`${otherId}> 長`))).toHaveLength(1);
    await me.type(keys.enter);
    expect(await other.event("message", { peer: myId })).toMatchObject({ text: typed });
  });

  it("does not disturb the question for the target", async () => {
    const [alice, bob] = [unique("alice"), unique("bob")];
    await using b = new Terminal(server.url, ["--role=offer", `--id=${bob}`]);
    await b.prompts("Target peer ID: ");
    await using a = await Chat.json(server.url, alice);
    await a.line(`offer ${bob}`);
    await a.event("connected");
    await b.shows(`* ${alice} is calling`);
    await b.shows(/^\* connected to /);
    await b.prompts("Target peer ID: ");
    await b.enter(alice);
    await b.prompts(`${alice}> `);
    await b.enter("I was about to call you");
    await a.event("message", { text: "I was about to call you" });
  });
});

describe.concurrent("line editing", () => {
  it("arrow up brings back what was typed before", async () => {
    await using pair = await connectedPair();
    const { me, other, otherId } = pair;
    await me.enter("first");
    await me.enter("second");
    await other.event("message", { text: "second" });
    await me.type(keys.up + keys.up);
    await me.prompts(`${otherId}> first`);
    await me.type(keys.down);
    await me.prompts(`${otherId}> second`);
    await me.enter(`${keys.backspace.repeat(6)}third`);
    await other.event("message", { text: "third" });
    expect(other.texts).toEqual(["first", "second", "third"]);
  });

  it("text that is pasted in the middle of the line goes there", async () => {
    await using pair = await connectedPair();
    const { me, other, otherId } = pair;
    await me.type("hello world");
    await me.prompts(`${otherId}> hello world`);
    await me.type(keys.left.repeat(6));
    await me.prompts(`${otherId}> hello`);
    await me.type(", dear");
    await me.prompts(`${otherId}> hello, dear`);
    expect(me.screen.line).toBe(`${otherId}> hello, dear world`);
    await me.type(keys.enter);
    await other.event("message", { text: "hello, dear world" });
  });

  it("several lines that are pasted at once are several messages", async () => {
    await using pair = await connectedPair();
    const { me, other } = pair;
    await me.type(`one${keys.enter}two${keys.enter}\tthree${keys.enter}`);
    await other.event("message", { text: "\tthree" });
    expect(other.texts).toEqual(["one", "two", "\tthree"]);
  });

  it("Tab completes commands, peers and labels", async () => {
    await using pair = await connectedPair();
    const { me, other, otherId } = pair;
    const complete = async (start: string, completed: string): Promise<void> => {
      const before = me.screen.beforeCursor;
      await me.type(start);
      await me.prompts(before + start);
      await me.type(keys.tab);
      await me.prompts(before + completed);
    };
    await complete("ch", "channel ");
    await me.enter("photos");
    await me.shows(`* channel "photos" with ${otherId} opened`);
    await me.prompts(`${otherId}> `);
    await complete("of", "offer ");
    await complete("oth", `${otherId} `);
    await me.type(keys.interrupt);
    await me.prompts(`${otherId}> `);
    await complete("se", "send ");
    await complete("p", "photos ");
    await me.enter("sunset.jpg");
    await other.event("message", { label: "photos", text: "sunset.jpg" });
  });

  it("Tab twice shows the choices and keeps the line", async () => {
    await using pair = await connectedPair();
    const { me, otherId } = pair;
    await me.enter("channel chess");
    await me.shows(`* channel "chess" with ${otherId} opened`);
    await me.prompts(`${otherId}> `);
    await me.type("send c");
    await me.prompts(`${otherId}> send c`);
    await me.type(keys.tab);
    await me.prompts(`${otherId}> send ch`);
    await me.type(keys.tab);
    await me.shows(/^chat\s+chess$/);
    await me.prompts(`${otherId}> send ch`);
  });
});

describe.concurrent("commands at the prompt", () => {
  it("list shows a table of channels with their traffic", async () => {
    await using pair = await connectedPair();
    const { me, other, otherId } = pair;
    await me.enter("channel files");
    await me.shows(`* channel "files" with ${otherId} opened`);
    await me.enter("send files 0123456789");
    await other.event("message", { label: "files", text: "0123456789" });
    await other.line("12345");
    await me.shows(`${otherId}: 12345`);
    await me.enter("list");
    const header = await me.shows(/^LABEL/);
    expect(header.split(/\s{2,}/)).toEqual([
      "LABEL",
      "STATE",
      "PEER",
      "SENT",
      "RECEIVED",
      "BUFFERED",
    ]);
    const cells = async (row: RegExp): Promise<string[]> => (await me.shows(row)).split(/\s{2,}/);
    expect(await cells(/^chat /)).toEqual(["chat", "open", otherId, "0 (0 B)", "1 (5 B)", "0 B"]);
    expect(await cells(/^files /)).toEqual([
      "files",
      "open",
      otherId,
      "1 (10 B)",
      "0 (0 B)",
      "0 B",
    ]);
  });

  it("help names every command, and what is wrong says how it is right", async () => {
    await using me = await Terminal.open(server.url, unique("me"));
    await me.enter("help");
    for (const command of ["offer <peer_id>", "channel <label>", "send <label> <message>"]) {
      await me.shows(new RegExp(`^${command}\\s`));
    }
    await me.shows(/^list\s/);
    await me.shows(/^quit\s/);
    await me.enter("/frobnicate");
    await me.shows("! there is no command /frobnicate: try help");
    await me.enter("offer");
    await me.shows("! usage: offer <peer_id>");
    await me.enter("channel");
    await me.shows("! usage: channel <label>");
    await me.enter("send chat");
    await me.shows("! usage: send <label> <message>");
    await me.enter("hello?");
    await me.shows("! nobody is connected: offer <peer_id> first, or wait for a call");
    await me.enter("offer not/an/id");
    await me.shows("! an id is 1 to 64 characters out of A-Z a-z 0-9 . _ ~ @ : -");
    await me.prompts("> ");
  });

  it("a line that begins with a blank is sent although it names a command", async () => {
    await using pair = await connectedPair();
    const { me, other } = pair;
    await me.enter(" list");
    await me.enter(" ");
    await me.enter("list of things");
    await other.event("message", { text: "list of things" });
    expect(other.texts).toEqual(["list", "list of things"]);
  });

  it("offer to a connected peer turns to it, and plain lines follow", async () => {
    await using pair = await connectedPair();
    const { me, other, otherId } = pair;
    const thirdId = unique("third");
    await using third = await Chat.json(server.url, thirdId, "--role=answer");
    await me.enter(`offer ${thirdId}`);
    await me.prompts(`${thirdId}> `);
    await me.enter("to the third");
    await third.event("message", { text: "to the third" });
    await me.enter(`send chat@${otherId} to the other`);
    await other.event("message", { text: "to the other" });
    await me.enter(`offer ${otherId}`);
    await me.prompts(`${otherId}> `);
    await me.enter("back again");
    await other.event("message", { text: "back again" });
    expect(third.texts).toEqual(["to the third"]);
  });
});
