import { connect } from "@conic/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Chat, unique } from "../../../e2e/test/datachannel/support/chat.js";
import { PlainClient } from "../../../e2e/src/client.js";
import { startSignalServer, type SignalServer } from "../../../e2e/src/signal-server.js";
import { DemoBrowser } from "../../src/demo/browser.js";

let server: SignalServer;
let browser: DemoBrowser;
beforeAll(async () => {
  server = await startSignalServer({ env: { CONIC_LOG_LEVEL: "silent" } });
  browser = await DemoBrowser.start();
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

/** An offer that can be answered; nobody is at its other end. */
function unreachableOffer(session: number): { readonly type: "offer"; readonly sdp: string } {
  const byte = session.toString(16).padStart(2, "0").toUpperCase();
  const lines = [
    "v=0",
    `o=- ${session} 2 IN IP4 127.0.0.1`,
    "s=-",
    "t=0 0",
    "a=group:BUNDLE 0",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "c=IN IP4 0.0.0.0",
    "a=mid:0",
    `a=ice-ufrag:user${session}`,
    `a=ice-pwd:passwordpassword${session}0000000000`,
    `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => byte).join(":")}`,
    "a=setup:actpass",
    "a=sctp-port:5000",
  ];
  return { type: "offer", sdp: lines.map((line) => `${line}\r\n`).join("") };
}

// The side whose id sorts first gives way when both change something: both ways round.
describe.each([
  ["a-page", "z-chat"],
  ["z-page", "a-chat"],
])("%s and the program %s", (pageName, chatName) => {
  it("chat when the page calls, and the page hangs up", async () => {
    const [web, cli] = [unique(pageName), unique(chatName)];
    await using chat = await Chat.json(server.url, cli, "--role=answer");
    await using page = await browser.peer(server.port, web);
    await page.call(cli);
    await page.connected(cli);
    await chat.event("channel", { peer: web, label: "chat", by: "remote", state: "open" });
    await page.say("hello from the page 日本語 🎉");
    await chat.event("message", { peer: web, text: "hello from the page 日本語 🎉" });
    await chat.line("hello from the terminal 日本語 🎉");
    await page.hears("hello from the terminal 日本語 🎉");
    await chat.line("channel files");
    await chat.line("send files on another channel");
    await page.shows("#log .theirs", `${cli} on files`);
    await page.hangUp();
    await chat.event("left", { peer: web, clean: true });
    expect(chat.names).not.toContain("error");
    expect(page.faults).toEqual([]);
  });

  it("chat when the program calls, and the program leaves", async () => {
    const [web, cli] = [unique(pageName), unique(chatName)];
    await using page = await browser.peer(server.port, web);
    await using chat = await Chat.json(server.url, cli);
    await chat.line(`offer ${web}`);
    await page.accept(cli);
    await page.connected(cli);
    await chat.line("hello from the terminal");
    await page.hears("hello from the terminal");
    await page.say("hello from the page");
    await chat.event("message", { peer: web, text: "hello from the page" });
    await chat.line("quit");
    await page.shows("#news", `${cli} ended the call.`);
    expect(chat.names).not.toContain("error");
    expect(page.faults).toEqual([]);
  });
});

describe("a program that calls the page", () => {
  it("is told when the call is declined", async () => {
    const [web, lib] = [unique("web"), unique("lib")];
    await using page = await browser.peer(server.port, web);
    await using client = await connect(server.url, { id: lib });
    const refused = client.call(web).catch((error: unknown) => error);
    await page.shows("#incoming", lib);
    await page.page.click("#decline");
    expect(await refused).toMatchObject({
      code: "connection_failed",
      message: `${web} refused the offer`,
    });
  });

  it("is answered again, without ringing again, when its handshake starts over", async () => {
    const [web, plain] = [unique("web"), unique("plain")];
    await using page = await browser.peer(server.port, web);
    await using client = await PlainClient.open(server.url);
    await client.register({ ID: plain });
    const offer = (session: number): void => {
      client.send("sdp", { TargetID: web, SessionDescription: unreachableOffer(session) });
    };
    const answer = async (): Promise<unknown> => {
      for (;;) {
        const { type, raw } = await client.next();
        if (type === "sdp") return raw["SessionDescription"];
      }
    };
    offer(1);
    await page.accept(plain);
    expect(await answer()).toMatchObject({ type: "answer" });
    await page.shows("#call-state", "Connecting…");
    offer(2);
    expect(await answer()).toMatchObject({ type: "answer" });
    expect(await page.page.isVisible("#incoming")).toBe(false);
    expect(page.faults).toEqual([]);
  });

  it("tells about itself on the control channel, and sends what is no text", async () => {
    const [web, lib] = [unique("web"), unique("lib")];
    await using page = await browser.peer(server.port, web);
    await using client = await connect(server.url, { id: lib });
    const calling = client.call(web);
    await page.accept(lib);
    const connection = await calling;
    const control = connection.createDataChannel("control");
    await control.opened;
    const sends = [{ kind: "audio", description: "440 Hz" }, { kind: "video" }];
    const hello = JSON.stringify({ type: "hello", kind: "av", sends });
    control.send(`${hello}\n{"type":"stats","audio":{}}\n{"type":"ready","kind":"audio"}\n`);
    await page.shows("#log .news", "it sends sound (440 Hz) and picture.");
    control.send('not json\n[1]\nnull\n{"type":"mute","kind":"audio"}');
    await page.shows("#log .news", "The sound was muted over there.");
    control.send('{"type":"bye","reason":"done","sent":{}}\n');
    await page.shows("#log .news", "The program says goodbye: done");
    const data = connection.createDataChannel("data");
    await data.opened;
    data.send(Uint8Array.of(1, 2, 3));
    await page.hears("(3 bytes that are no text)");
    expect(await page.page.locator("#log li").count()).toBe(4);
    await connection.close();
    await page.shows("#news", `${lib} ended the call.`);
    expect(page.faults).toEqual([]);
  });
});
