import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { startSignalServer, type SignalServer } from "../../src/signal-server.js";
import { Chat, unique } from "./support/chat.js";

import { Terminal } from "./support/terminal.js";

let server: SignalServer;
beforeAll(async () => {
  server = await startSignalServer();
});
afterAll(() => server[Symbol.asyncDispose]());

/** A registered client that sends what it likes. */
class Mallory implements AsyncDisposable {
  readonly id: string;
  readonly #socket: WebSocket;

  private constructor(id: string, socket: WebSocket) {
    this.id = id;
    this.#socket = socket;
  }

  static async register(): Promise<Mallory> {
    const mallory = new Mallory(unique("mallory"), new WebSocket(server.url));
    await once(mallory.#socket, "open");
    const answer = once(mallory.#socket, "message");
    mallory.send("register", { ID: mallory.id });
    await answer;
    return mallory;
  }

  send(type: string, raw: unknown): void {
    this.#socket.send(JSON.stringify({ type, raw: JSON.stringify(raw) }));
  }

  describe(target: string, SessionDescription: unknown): void {
    this.send("sdp", { ID: this.id, TargetID: target, SessionDescription });
  }

  candidate(target: string, Candidate: unknown): void {
    this.send("candidate", { ID: this.id, TargetID: target, Candidate });
  }

  /** Resolves when the server has dealt with everything sent so far. */
  async settled(): Promise<void> {
    this.#socket.ping();
    await once(this.#socket, "pong");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.terminate();
    await once(this.#socket, "close");
  }
}

const tooShort = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n";
const section = `${tooShort}m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n`;
const complete =
  `${section}a=mid:0\r\na=ice-ufrag:abcd\r\na=ice-pwd:${"x".repeat(22)}\r\na=setup:actpass\r\n` +
  `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => "AB").join(":")}\r\na=sctp-port:5000\r\n`;

const descriptions: readonly unknown[] = [
  { type: "offer", sdp: "garbage" },
  { type: "offer", sdp: "" },
  { type: "offer", sdp: tooShort },
  { type: "offer", sdp: section },
  { type: "offer", sdp: complete },
  { type: "offer", sdp: complete.replace("sha-256", "md5").replace("5000", "-1") },
  { type: "offer", sdp: complete.replaceAll("9 UDP", "99999999 UDP") },
  { type: "offer", sdp: `${complete}${"a=candidate:x\r\n".repeat(1_000)}` },
  { type: "offer", sdp: section.repeat(200) },
  { type: "offer", sdp: "\u001b[2J\u001b]0;owned\u0007" },
  { type: "answer", sdp: complete },
  { type: "pranswer", sdp: complete },
  { type: "rollback", sdp: "" },
  { type: "nonsense", sdp: 7 },
  null,
];

const candidates: readonly unknown[] = [
  "",
  "garbage",
  "candidate:",
  "candidate:1 1 udp 1 999.999.999.999 99999999 typ host",
  "candidate:1 1 udp 2130706431 127.0.0.1 9 typ host",
  '{"candidate":null}',
  '{"candidate":"candidate:1 1 tcp 1 ::1 0 typ nothing","sdpMLineIndex":-4}',
  '{"candidate":"candidate:1 1 udp 1 a.local 9 typ host","sdpMLineIndex":0}',
  "[[[[",
  "\u001b[2J",
  7,
];

describe.concurrent("garbage from a registered client", () => {
  it("breaks nothing: the chat goes on, and takes calls", async () => {
    const [alice, bob, carol] = [unique("alice"), unique("bob"), unique("carol")];
    await using a = await Chat.json(server.url, alice, "--role=answer");
    await using b = await Chat.json(server.url, bob, `--target=${alice}`);
    await b.event("channel");
    const attackers = await Promise.all(descriptions.map(() => Mallory.register()));
    try {
      for (const [i, mallory] of attackers.entries()) {
        mallory.describe(alice, descriptions[i]);
        for (const candidate of candidates) mallory.candidate(alice, candidate);
        mallory.send("data_channel", { ID: mallory.id, TargetID: alice, Label: "x", Data: "AAAA" });
        await mallory.settled();
      }
      await b.line("still there?");
      await a.event("message", { text: "still there?" });
      await using c = await Chat.json(server.url, carol, `--target=${alice}`);
      await c.line("a new call");
      await a.event("message", { peer: carol, text: "a new call" });
      c.end();
      expect(await c.exit()).toEqual({ code: 0, signal: null });
      expect(a.events.some(({ event, peer }) => event === "left" && peer === bob)).toBe(false);
    } finally {
      await Promise.all(attackers.map((mallory) => mallory[Symbol.asyncDispose]()));
    }
    await a.line("still here");
    await b.event("message", { text: "still here" });
    a.kill("SIGTERM");
    expect(await a.exit()).toEqual({ code: 0, signal: null });
  });

  it("from somebody who is being called ends that call alone", async () => {
    const [alice, bob] = [unique("alice"), unique("bob")];
    await using a = await Chat.json(server.url, alice, "--timeout=10");
    await using b = await Chat.json(server.url, bob, "--role=answer");
    await using mallory = await Mallory.register();
    await a.line(`offer ${mallory.id}`);
    await a.event("calling", { peer: mallory.id });
    for (const description of descriptions) mallory.describe(alice, description);
    for (const candidate of candidates) mallory.candidate(alice, candidate);
    await a.event("error", { peer: mallory.id });
    await a.line(`offer ${bob}`);
    await a.line("somebody sensible");
    await b.event("message", { text: "somebody sensible" });
    await a.event("connected", { peer: bob });
    expect(a.events.filter(({ event }) => event === "connected")).toMatchObject([{ peer: bob }]);
  });

  it("under another one's name reaches nobody", async () => {
    const [alice, bob] = [unique("alice"), unique("bob")];
    await using a = await Chat.json(server.url, alice, "--role=answer");
    await using b = await Chat.json(server.url, bob, `--target=${alice}`);
    await b.event("channel");
    await using mallory = await Mallory.register();
    const SessionDescription = { type: "offer", sdp: complete };
    mallory.send("sdp", { ID: bob, TargetID: alice, SessionDescription });
    await mallory.settled();
    await b.line("it is still me");
    await a.event("message", { peer: bob, text: "it is still me" });
    expect(a.names.filter((name) => name === "incoming")).toHaveLength(1);
  });
});

describe.concurrent("what a peer says", () => {
  it("cannot speak to the terminal", async () => {
    const [alice, bob] = [unique("alice"), unique("bob")];
    await using a = await Terminal.open(server.url, alice);
    await using b = await Chat.json(server.url, bob, `--target=${alice}`);
    await a.prompts(`${bob}> `);
    await b.line("\u001b[2J\u001b[1;1Hgone\u001b]0;title\u0007\u009b31mred\u0008\rover");
    await a.shows(
      String.raw`${bob}: \u001b[2J\u001b[1;1Hgone\u001b]0;title\u0007\u009b31mred\u0008\u000dover`,
    );
    await b.line("\u202egnp.exe");
    await a.shows(String.raw`${bob}: \u202egnp.exe`);
    await using c = await Chat.json(server.url, unique("carol"));
    await c.line(`offer ${alice}`);
    await c.line("channel \u001b[31mred\u001b[2K");
    await a.shows(/^\* channel "\\u001b\[31mred\\u001b\[2K" with carol-\d+ opened$/);
    await a.enter("list");
    await a.shows(/^\\u001b\[31mred\\u001b\[2K +open/);
    await a.prompts(`${bob}> `);
    expect(a.screen.unknown).toEqual([]);
  });

  it("cannot pass for another one's message", async () => {
    const [alice, bob] = [unique("alice"), unique("bob")];
    await using a = await Terminal.open(server.url, alice);
    await using b = new Chat(server.url, [
      `--id=${bob}`,
      `--target=${alice}`,
      `--send=hello\ncarol: send me money`,
    ]);
    expect(await b.exit()).toEqual({ code: 0, signal: null });
    await a.shows(`${bob}: hello`);
    await a.shows("    carol: send me money");
    expect(a.screen.rows).not.toContain("carol: send me money");
  });

  it("cannot speak to a terminal that only stdout is connected to", async () => {
    const [alice, bob] = [unique("alice"), unique("bob")];
    const redirect = "</dev/null";
    await using a = new Terminal(server.url, [`--id=${alice}`, "--role=answer"], { redirect });
    await a.shows(`Your ID: ${alice}`);
    await using b = new Chat(server.url, [`--target=${alice}`, `--id=${bob}`]);
    b.end("\u001b[2J\u001b[1;1Hgone\n");
    expect(await b.exit()).toEqual({ code: 0, signal: null });
    await a.shows(String.raw`\u001b[2J\u001b[1;1Hgone`);
    expect(a.screen.unknown).toEqual([]);
  });
});

describe.concurrent("three callers at once", () => {
  it("are all taken, and each is heard", async () => {
    const alice = unique("alice");
    await using a = await Chat.json(server.url, alice, "--role=answer");
    const ids = ["bob", "carol", "dave"].map(unique);
    const callers = ids.map((id) => {
      const caller = new Chat(server.url, [`--id=${id}`, `--target=${alice}`]);
      caller.end(`first of ${id}\nsecond of ${id}\n`);
      return caller;
    });
    try {
      const exits = await Promise.all(callers.map((caller) => caller.exit()));
      expect(exits.map(({ code }) => code)).toEqual([0, 0, 0]);
    } finally {
      await Promise.all(callers.map((caller) => caller[Symbol.asyncDispose]()));
    }
    for (const id of ids) {
      await a.event("left", { peer: id, clean: true });
      const heard = a.events.filter(({ event, peer }) => event === "message" && peer === id);
      expect(heard.map(({ text }) => text)).toEqual([`first of ${id}`, `second of ${id}`]);
    }
  });
});
