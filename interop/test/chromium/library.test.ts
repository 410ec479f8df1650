import { randomBytes } from "node:crypto";
import { connect } from "@conic/client";
import type { DataChannel } from "@conic/webrtc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unique } from "../../../e2e/test/datachannel/support/chat.js";
import { startSignalServer, type SignalServer } from "../../../e2e/src/signal-server.js";
import { Chromium } from "../../src/chromium.js";

let server: SignalServer;
let chromium: Chromium;
beforeAll(async () => {
  server = await startSignalServer();
  chromium = await Chromium.start();
});
afterAll(async () => {
  await chromium[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

async function next<T>(source: AsyncIterable<T>): Promise<T> {
  const result = await source[Symbol.asyncIterator]().next();
  if (result.done === true) throw new Error("ended without another item");
  return result.value;
}

const sizes = [0, 1, 1_200, 65_536, 262_144];

/** Binary messages of these sizes there and back, then an empty text. */
async function exchange(channel: DataChannel, page: Exchange): Promise<void> {
  const messages = channel[Symbol.asyncIterator]();
  for (const [i, size] of sizes.entries()) {
    const out = randomBytes(size);
    channel.send(out);
    expect(Buffer.from(await page.received(i)).equals(out)).toBe(true);
    const back = randomBytes(size);
    await page.send(back);
    const { value } = await messages.next();
    expect(value).toBeInstanceOf(Uint8Array);
    expect(Buffer.from(value as Uint8Array).equals(back)).toBe(true);
  }
  channel.send("");
  await page.receivedEmptyText();
  await page.sendText("");
  expect((await messages.next()).value).toBe("");
}

interface Exchange {
  received(n: number): Promise<Uint8Array>;
  send(bytes: Uint8Array): Promise<void>;
  sendText(text: string): Promise<void>;
  receivedEmptyText(): Promise<void>;
}

async function pageSide(
  web: Awaited<ReturnType<Chromium["peer"]>>,
  lib: string,
): Promise<Exchange> {
  await web.event({ event: "channel", peer: lib, label: "data", state: "open" });
  return {
    received: async (n) => {
      await web.event({ event: "message", peer: lib, bytes: sizes[n] });
      return web.bytes(n);
    },
    send: (bytes) => web.sayBytes(lib, "data", bytes),
    sendText: (text) => web.say(lib, "data", text),
    receivedEmptyText: () => web.event({ event: "message", peer: lib, text: "" }),
  };
}

describe("the library and a browser exchange binary messages of all sizes and empty ones", () => {
  it("when the library calls", async () => {
    const [web, lib] = [unique("web"), unique("lib")];
    await using w = await chromium.peer(server.url, web);
    await using client = await connect(server.url, { id: lib });
    const peer = await client.call(web);
    const channel = peer.createDataChannel("data");
    await channel.opened;
    await exchange(channel, await pageSide(w, lib));
    expect(w.faults).toEqual([]);
  });

  it("when the browser calls", async () => {
    const [web, lib] = [unique("web"), unique("lib")];
    await using w = await chromium.peer(server.url, web);
    await using client = await connect(server.url, { id: lib });
    await w.call(lib, "data");
    const call = await next(client.incoming());
    const channel = await next(call.accept().dataChannels());
    expect(channel.label).toBe("data");
    await exchange(channel, await pageSide(w, lib));
  });
});

describe("a call that is over", () => {
  it("is over on both sides, whoever ends it, and the next one works", async () => {
    const [web, lib] = [unique("web"), unique("lib")];
    await using w = await chromium.peer(server.url, web);
    await using client = await connect(server.url, { id: lib });
    const first = await client.call(web);
    await first.createDataChannel("one").opened;
    await w.event({ event: "channel", label: "one", state: "open" });
    await w.hangUp(lib);
    expect(await first.closed).toMatchObject({ wasClean: true });

    const second = await client.call(web);
    expect(second).not.toBe(first);
    await second.createDataChannel("two").opened;
    await w.event({ event: "channel", label: "two", state: "open" });
    await second.close();
    await w.event({ event: "channel", label: "two", state: "closed" });

    const third = await client.call(web);
    const channel = third.createDataChannel("three");
    await channel.opened;
    channel.send("still good friends");
    await w.event({ event: "message", label: "three", text: "still good friends" });
  });
});
