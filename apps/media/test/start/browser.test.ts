import { FakeClock, failOnLeaks } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { controlLabel } from "../../src/start/control/control.js";
import type { ControlStream } from "../../src/start/call/media-call.js";
import { FakeCall, FakeTrack } from "./support/fake-call.js";
import { chunk, side, source, type Side } from "./support/sessions.js";

failOnLeaks();

/** Everything that is due without time passing. */
async function settle(): Promise<void> {
  for (let round = 0; round < 50; round += 1) await new Promise(setImmediate);
}

/** A program that answers, and the connection of the page that called it. */
function called(): { page: FakeCall; clock: FakeClock; answer: Side } {
  const clock = new FakeClock();
  const [page, call] = FakeCall.pair();
  return { page, clock, answer: side(call, clock, { role: "answer", kinds: ["audio", "video"] }) };
}

async function nextChannel(call: FakeCall): Promise<ControlStream> {
  for await (const channel of call.dataChannels()) return channel;
  throw new Error("the call ended");
}

async function firstLine(channel: ControlStream): Promise<unknown> {
  for await (const data of channel) return JSON.parse(String(data));
  throw new Error("the channel ended");
}

describe("a page that calls", () => {
  it("is shown as it types, and told what the program does", async () => {
    const { page, answer } = called();
    const running = answer.session.run();
    const chat = page.createDataChannel("chat");
    chat.send("hello");
    const control = await nextChannel(page);
    expect(control.label).toBe(controlLabel);
    expect(await firstLine(control)).toEqual({ type: "hello", kind: "av", sends: [] });
    chat.send("two\nlines");
    await settle();
    expect(answer.of("message")).toEqual([
      { event: "message", peer: "alice", text: "hello" },
      { event: "message", peer: "alice", text: "two\nlines" },
    ]);
    await page.close();
    expect(await running).toMatchObject({ by: "remote", clean: true });
  });

  it("is no page when it opens a control channel: it gets no other", async () => {
    const { page, answer } = called();
    const running = answer.session.run();
    const control = page.createDataChannel(controlLabel);
    page.createDataChannel("chat").send("hello");
    expect(await firstLine(control)).toMatchObject({ type: "hello" });
    const next = nextChannel(page);
    await settle();
    expect(answer.of("message")).toHaveLength(1);
    await page.close();
    await expect(next).rejects.toThrow("the call ended");
    await running;
  });

  it("takes its camera away and brings it back: told, and counted as one", async () => {
    const { page, clock, answer } = called();
    const running = answer.session.run();
    const send = async (count: number): Promise<void> => {
      const track = new FakeTrack("video");
      page.addTrack(track);
      await settle();
      for (let index = 0; index < count; index += 1) track.write(chunk(index, index === 0));
      await settle();
    };
    await send(3);
    page.other?.endIncoming("video");
    await settle();
    expect(answer.of("track-ended")).toEqual([]);
    clock.advance(500);
    await settle();
    expect(answer.of("track-ended")).toEqual([{ event: "track-ended", kind: "video" }]);
    await send(2);
    await page.close();
    await running;
    expect(answer.of("track")).toHaveLength(2);
    expect(answer.of("track-ended")).toHaveLength(1);
    expect(answer.session.totals().received.video).toMatchObject({ frames: 5, seconds: 5 });
    expect(clock.pending).toBe(0);
  });
});

describe("a page that is called", () => {
  it("may open a chat, too", async () => {
    const clock = new FakeClock();
    const [call, page] = FakeCall.pair();
    const sources = [source("audio", 0, { isEndless: true })];
    const offer = side(call, clock, { role: "offer", sources });
    const running = offer.session.run();
    expect((await nextChannel(page)).label).toBe(controlLabel);
    page.createDataChannel("chat").send("nice tone");
    await settle();
    expect(offer.of("message")).toEqual([{ event: "message", peer: "bob", text: "nice tone" }]);
    await page.close();
    await running;
  });
});
