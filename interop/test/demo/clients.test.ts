import { connect } from "@conic/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Chat, unique } from "../../../e2e/test/datachannel/support/chat.js";
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

async function next<T>(source: AsyncIterable<T>): Promise<T> {
  const result = await source[Symbol.asyncIterator]().next();
  if (result.done === true) throw new Error("ended without another item");
  return result.value;
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
    const refused = expect(client.call(web)).rejects.toMatchObject({
      code: "connection_failed",
      message: `${web} refused the offer`,
    });
    await page.shows("#incoming", lib);
    await page.page.click("#decline");
    await refused;
  });

  it("is let in late, after its handshake has started over", async () => {
    const [web, lib] = [unique("web"), unique("lib")];
    await using page = await browser.peer(server.port, web);
    await using client = await connect(server.url, { id: lib });
    const calling = client.call(web);
    await page.shows("#incoming", lib);
    await expect.poll(() => page.descriptions).toBeGreaterThan(1);
    await page.accept(lib);
    const connection = await calling;
    const channel = connection.createDataChannel("late");
    await channel.opened;
    channel.send("better late");
    await page.hears("better late");
    await page.say("than never");
    expect(await next(channel)).toBe("than never");
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
    control.send(
      '{"type":"hello","name":"conic-media","sends":["audio"]}\n{"type":"stats","x":1}\n',
    );
    await page.shows("#log .news", "says hello: name conic-media, sends audio.");
    control.send('{"type":"mute","kind":"audio","muted":true}\nnot json\n[1]\nnull\n');
    await page.shows("#log .news", "muted its sound");
    control.send('{"type":"bye","reason":"done"}');
    await page.shows("#log .news", "says goodbye: reason done.");
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
