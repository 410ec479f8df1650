import { ConicError, type ReceivedChunk } from "@conic/domain";
import { FakeClock, failOnLeaks } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import type { Recorder } from "../../src/sinks/recorder.js";
import { drainTimeoutMs } from "../../src/start/receive/receiving.js";
import { readyTimeoutMs } from "../../src/start/send/sending.js";
import { byeTimeoutMs } from "../../src/start/session.js";
import { FakeCall } from "./support/fake-call.js";
import { side, source } from "./support/sessions.js";

failOnLeaks();

/** Everything that is due without time passing. */
async function settle(): Promise<void> {
  for (let round = 0; round < 50; round += 1) await new Promise(setImmediate);
}

function notOwned(): never {
  throw new Error("the session does not own the recorder");
}

function recorder(fails?: Error): Recorder & { readonly written: ReceivedChunk[] } {
  const written: ReceivedChunk[] = [];
  return {
    path: "x.webm",
    written,
    write: (_kind, chunk) => {
      if (fails !== undefined) return Promise.reject(fails);
      written.push(chunk);
      return Promise.resolve();
    },
    close: notOwned,
    [Symbol.asyncDispose]: notOwned,
  };
}

describe("a call that is sent to its end", () => {
  it("arrives whole, is recorded, and ends on both sides with the same counts", async () => {
    const clock = new FakeClock();
    const [a, b] = FakeCall.pair();
    const file = recorder();
    const offer = side(a, clock, { role: "offer", sources: [source("audio", 5)] });
    const answer = side(b, clock, { role: "answer", recorder: file });
    const ends = await Promise.all([offer.session.run(), answer.session.run()]);
    expect(ends).toEqual([
      { by: "local", clean: true, reason: "all is sent" },
      { by: "remote", clean: true, reason: "all is sent" },
    ]);
    expect(file.written.map(({ timestamp }) => timestamp / 1e6)).toEqual([0, 1, 2, 3, 4]);
    expect(offer.session.isSent).toBe(true);
    expect(offer.session.totals().sent.audio).toMatchObject({
      frames: 5,
      packets: 5,
      bytes: 50,
      lost: 0,
      seconds: 5,
    });
    expect(answer.session.totals().received.audio).toMatchObject({
      frames: 5,
      bytes: 50,
      lost: 0,
      seconds: 5,
    });
    expect(answer.of("track")).toMatchObject([
      { direction: "receive", kind: "audio", description: "5 of audio", taken: true },
    ]);
    expect(clock.pending).toBe(0);
  });

  it("tells what was lost, where, and tells the sender", async () => {
    const clock = new FakeClock();
    const [a, b] = FakeCall.pair({}, { loses: (_kind, index) => index === 2 || index === 3 });
    const [kinds, sources] = [["video"] as const, [source("video", 6)]];
    const offer = side(a, clock, { role: "offer", kinds, sources });
    const answer = side(b, clock, { role: "answer", kinds });
    await Promise.all([offer.session.run(), answer.session.run()]);
    expect(answer.of("frame-lost")).toEqual([
      { event: "frame-lost", kind: "video", lost: 2, at: 4 },
    ]);
    expect(answer.session.totals().received.video).toMatchObject({ frames: 4, lost: 2 });
    expect(offer.session.totals().sent.video?.lost).toBe(2);
  });

  it("waits for what is lost at the end no longer than the limit", async () => {
    const clock = new FakeClock();
    const [a, b] = FakeCall.pair({}, { loses: (_kind, index) => index === 4 });
    const offer = side(a, clock, { role: "offer", sources: [source("audio", 5)] });
    const answer = side(b, clock, { role: "answer" });
    const ended = Promise.all([offer.session.run(), answer.session.run()]);
    await settle();
    clock.advance(drainTimeoutMs - 1);
    await settle();
    expect([a.isClosed, b.isClosed]).toEqual([false, false]);
    clock.advance(1);
    await ended;
    expect(answer.session.totals().received.audio?.frames).toBe(4);
    expect(clock.pending).toBe(0);
  });

  it("goes both ways, and the side that was called does not hang up", async () => {
    const clock = new FakeClock();
    const [a, b] = FakeCall.pair();
    const offer = side(a, clock, { role: "offer", sources: [source("audio", 8)] });
    const answer = side(b, clock, { role: "answer", sources: [source("audio", 3)] });
    const [end] = await Promise.all([offer.session.run(), answer.session.run()]);
    expect(end.by).toBe("local");
    expect(offer.session.totals().received.audio?.frames).toBe(3);
    expect(answer.session.totals().received.audio?.frames).toBe(8);
  });

  it("ends with the file when a pattern without an end goes along", async () => {
    const clock = new FakeClock();
    const [a, b] = FakeCall.pair();
    const kinds = ["audio", "video"] as const;
    const sources = [source("audio", 4), source("video", 0, { isEndless: true })];
    const offer = side(a, clock, { role: "offer", kinds, sources });
    const answer = side(b, clock, { role: "answer", kinds });
    const [end] = await Promise.all([offer.session.run(), answer.session.run()]);
    expect(end.reason).toBe("all is sent");
    expect(offer.session.isSent).toBe(true);
    const { audio, video } = answer.session.totals().received;
    expect(audio?.frames).toBe(4);
    expect(video?.frames).toBeGreaterThan(0);
  });
});

describe("hanging up", () => {
  it("is told to the other side, whoever does it", async () => {
    for (const who of [0, 1] as const) {
      const clock = new FakeClock();
      const calls = FakeCall.pair();
      const endless = source("audio", 0, { isEndless: true });
      const sides = [
        side(calls[0], clock, { role: "offer", sources: [endless] }),
        side(calls[1], clock, { role: "answer" }),
      ] as const;
      const running = Promise.all(sides.map(({ session }) => session.run()));
      await settle();
      sides[who].stop.abort("hung up");
      const ends = await running;
      expect(ends[who]).toEqual({ by: "local", clean: true, reason: "hung up" });
      expect(ends[1 - who]).toEqual({ by: "remote", clean: true, reason: "hung up" });
      expect(clock.pending).toBe(0);
    }
  });

  it("waits for a goodbye that does not come no longer than the limit", async () => {
    const clock = new FakeClock();
    const [a, b] = FakeCall.pair();
    const offer = side(a, clock, { role: "offer", sources: [source("audio", 1)] });
    // Says something, and then nothing more.
    void (async () => {
      for await (const stream of b.dataChannels()) stream.send('{"type":"hello","kind":"audio"}');
    })();
    const ended = offer.session.run();
    await settle();
    clock.advance(readyTimeoutMs);
    await settle();
    clock.advance(byeTimeoutMs - 1);
    await settle();
    expect(a.isClosed).toBe(false);
    clock.advance(1);
    expect(await ended).toMatchObject({ by: "local", clean: true });
    expect(clock.pending).toBe(0);
  });

  it("does not wait for a side that knows no control channel, such as a browser", async () => {
    const clock = new FakeClock();
    const [a, b] = FakeCall.pair({}, { isDeaf: true });
    const offer = side(a, clock, { role: "offer", sources: [source("audio", 3)] });
    const ended = offer.session.run();
    await settle();
    expect(b.received.audio).toBe(0);
    clock.advance(readyTimeoutMs);
    expect(await ended).toMatchObject({ reason: "all is sent" });
    expect(b.received.audio).toBe(3);
    expect(offer.session.totals().sent.audio?.lost).toBeUndefined();
  });

  it("happens by itself when the time is over and nothing is sent", async () => {
    const clock = new FakeClock();
    const [a, b] = FakeCall.pair();
    const endless = source("audio", 0, { isEndless: true });
    const offer = side(a, clock, { role: "offer", sources: [endless] });
    const answer = side(b, clock, { role: "answer", maxSeconds: 2 });
    const running = Promise.all([offer.session.run(), answer.session.run()]);
    await settle();
    clock.advance(2000);
    const [first, second] = await running;
    expect(first).toMatchObject({ by: "remote", reason: "the time is over" });
    expect(second).toMatchObject({ by: "local" });
  });
});

describe("what goes wrong", () => {
  it("a connection that breaks is no clean end, and what came is recorded", async () => {
    const clock = new FakeClock();
    const [a, b] = FakeCall.pair();
    const file = recorder();
    const endless = source("audio", 0, { isEndless: true });
    const offer = side(a, clock, { role: "offer", sources: [endless] });
    const answer = side(b, clock, { role: "answer", recorder: file });
    const running = Promise.all([offer.session.run(), answer.session.run()]);
    await settle();
    b.breakOff("the connection to alice was lost");
    const ends = await running;
    expect(ends).toMatchObject([
      { by: "remote", clean: false },
      { by: "remote", clean: false, reason: "the connection to alice was lost" },
    ]);
    expect(file.written.length).toBe(b.received.audio);
    expect(clock.pending).toBe(0);
  });

  it("a side that takes nothing of what is sent ends the call with its reason", async () => {
    const clock = new FakeClock();
    const [a, b] = FakeCall.pair({}, { refuses: ["video"] });
    const kinds = ["video"] as const;
    const offer = side(a, clock, { role: "offer", kinds, sources: [source("video", 3)] });
    const answer = side(b, clock, { role: "answer", kinds });
    const [end] = await Promise.all([offer.session.run(), answer.session.run()]);
    expect(end.error).toMatchObject({ code: "unsupported", message: "bob does not take video" });
    // Whoever runs the program is told once, by its end.
    expect(offer.of("error")).toEqual([]);
  });

  it("a side that takes one of two kinds gets that one", async () => {
    const clock = new FakeClock();
    const [a, b] = FakeCall.pair({}, { refuses: ["video"] });
    const kinds = ["audio", "video"] as const;
    const sources = [source("audio", 3), source("video", 3)];
    const offer = side(a, clock, { role: "offer", kinds, sources });
    const answer = side(b, clock, { role: "answer", kinds });
    const [end] = await Promise.all([offer.session.run(), answer.session.run()]);
    expect(end).toMatchObject({ reason: "all is sent" });
    expect(offer.of("error")).toMatchObject([{ message: "bob does not take video" }]);
    expect(answer.session.totals().received.audio?.frames).toBe(3);
    expect(offer.session.totals().sent.video).toBeUndefined();
  });

  it("a side that never agrees on media is given up after the limit", async () => {
    const clock = new FakeClock();
    const [a, b] = FakeCall.pair({}, { isMute: true });
    const offer = side(a, clock, { role: "offer", sources: [source("audio", 3)] });
    const answer = side(b, clock, { role: "answer" });
    const running = Promise.all([offer.session.run(), answer.session.run()]);
    await settle();
    clock.advance(15_000);
    const [end] = await running;
    expect(end.error).toMatchObject({
      code: "timeout",
      message: "bob did not agree on media within 15000 ms",
    });
  });

  it("a file that breaks off is sent as far as it goes, then ends the call", async () => {
    const clock = new FakeClock();
    const [a, b] = FakeCall.pair();
    const fails = new ConicError("invalid_data", "x.ivf breaks off");
    const offer = side(a, clock, { role: "offer", sources: [source("audio", 3, { fails })] });
    const answer = side(b, clock, { role: "answer" });
    const ends = await Promise.all([offer.session.run(), answer.session.run()]);
    expect(ends[0].error).toBe(fails);
    expect(ends[1]).toMatchObject({ by: "remote", clean: true, reason: "something went wrong" });
    expect(answer.session.totals().received.audio?.frames).toBe(3);
    expect(offer.session.isSent).toBe(false);
  });

  it("a recording that cannot be written ends the call", async () => {
    const clock = new FakeClock();
    const [a, b] = FakeCall.pair();
    const full = new Error("ENOSPC: no space left on device");
    const endless = source("audio", 0, { isEndless: true });
    const offer = side(a, clock, { role: "offer", sources: [endless] });
    const answer = side(b, clock, { role: "answer", recorder: recorder(full) });
    const ends = await Promise.all([offer.session.run(), answer.session.run()]);
    expect(ends[1].error).toBe(full);
    expect(ends[0]).toMatchObject({ by: "remote", clean: true });
  });
});

describe("during a call", () => {
  it("statistics come once in a second, with what the other side says that it got", async () => {
    const clock = new FakeClock();
    const [a, b] = FakeCall.pair();
    const endless = source("audio", 0, { isEndless: true });
    const offer = side(a, clock, { role: "offer", sources: [endless] });
    const answer = side(b, clock, { role: "answer" });
    const running = Promise.all([offer.session.run(), answer.session.run()]);
    for (let second = 0; second < 3; second += 1) {
      await settle();
      clock.advance(1000);
    }
    await settle();
    expect(answer.of("stats").map(({ seconds }) => seconds)).toEqual([1, 2, 3]);
    expect(answer.of("stats").at(-1)?.flows).toMatchObject([
      { direction: "receive", kind: "audio", jitterMs: 1.23, lost: 0 },
    ]);
    const flow = offer.of("stats").at(-1)?.flows[0];
    expect(flow?.arrived?.frames).toBeGreaterThan(0);
    expect(flow?.kbps).toBeGreaterThan(0);
    expect(offer.session.view()).toMatchObject({ seconds: 3, roundTripMs: 3 });
    offer.stop.abort("hung up");
    await running;
  });

  it("mute stops what is sent, and both sides see it", async () => {
    const clock = new FakeClock();
    const [a, b] = FakeCall.pair();
    const endless = source("audio", 0, { isEndless: true });
    const offer = side(a, clock, { role: "offer", sources: [endless] });
    const answer = side(b, clock, { role: "answer" });
    const running = Promise.all([offer.session.run(), answer.session.run()]);
    await settle();
    offer.session.toggleMute();
    const before = b.received.audio;
    await settle();
    expect(b.received.audio).toBe(before);
    clock.advance(1000);
    await settle();
    expect(offer.of("stats").at(-1)?.flows[0]?.muted).toBe(true);
    expect(answer.of("stats").at(-1)?.flows[0]?.muted).toBe(true);
    offer.session.toggleMute();
    await settle();
    expect(b.received.audio).toBeGreaterThan(before);
    expect(answer.of("muted")).toEqual([{ event: "muted", kind: "audio", by: "remote" }]);
    expect(answer.of("unmuted")).toEqual([{ event: "unmuted", kind: "audio", by: "remote" }]);
    expect(offer.of("muted")).toEqual([{ event: "muted", kind: "audio", by: "local" }]);
    offer.stop.abort("hung up");
    await running;
  });

  it("media that was not asked for is told of and left alone", async () => {
    const clock = new FakeClock();
    const [a, b] = FakeCall.pair();
    const kinds = ["audio", "video"] as const;
    const sources = [source("audio", 3), source("video", 3)];
    const offer = side(a, clock, { role: "offer", kinds, sources });
    const answer = side(b, clock, { role: "answer" });
    const running = Promise.all([offer.session.run(), answer.session.run()]);
    await settle();
    // The video waits for a receiver that never says that it is ready.
    clock.advance(readyTimeoutMs);
    await running;
    expect(answer.of("track")).toMatchObject([
      { kind: "video", taken: false },
      { kind: "audio", taken: true },
    ]);
    expect(answer.session.totals().received).toEqual({
      audio: expect.objectContaining({ frames: 3 }) as unknown,
    });
  });

  it("silence of the other side, and its end, are told", async () => {
    const clock = new FakeClock();
    const [a, b] = FakeCall.pair();
    const offer = side(a, clock, { role: "offer" });
    const answer = side(b, clock, { role: "answer" });
    const running = Promise.all([offer.session.run(), answer.session.run()]);
    await settle();
    for (const state of ["disconnected", "connected", "connected"]) a.setState(state);
    expect(offer.events).toEqual([
      { event: "silent", peer: "bob" },
      { event: "back", peer: "bob" },
    ]);
    offer.stop.abort("hung up");
    await running;
  });
});
