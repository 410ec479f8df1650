import { describe, expect, it } from "vitest";
import { wallClockMs } from "../../src/rtcp/ntp.js";
import { writeRtcp } from "../../src/rtcp/write.js";
import {
  Call,
  audioChunk,
  audioSender,
  receiverOf,
  sendAudio,
  sendVideo,
  videoChunk,
  videoSender,
  wallClockStartMs,
} from "../link/call.js";
import { Random } from "../link/random.js";
import { opusPacket, Solo, vp8Packet } from "../link/solo.js";

const random = new Random(4);

describe("reports", () => {
  it("begin soon after the first packet, and not before", () => {
    const solo = new Solo();
    const sender = solo.session.addSender(audioSender);
    expect(solo.session.nextTimeout()).toBeUndefined();
    sender.send(audioChunk(random, 0), 0);
    solo.runTo(150);
    expect(solo.compounds.map((compound) => compound.map(({ type }) => type))).toEqual([
      ["sr", "sdes"],
    ]);
    expect(solo.of("sdes")).toEqual([
      { type: "sdes", chunks: [{ ssrc: audioSender.ssrc, cname: "solo@test" }] },
    ]);
  });

  it("come at least each 1.5 s with video, 3.75 s with audio alone, and take no more than 5 %", () => {
    for (const [config, maxMs] of [
      [audioSender, 3_750],
      [videoSender, 1_500],
    ] as const) {
      const solo = new Solo();
      const sender = solo.session.addSender(config);
      const reportedAt: number[] = [];
      let [reportBytes, mediaBytes] = [0, 0];
      for (let index = 0; index < 50 * 60; index += 1) {
        const before = solo.compounds.length;
        solo.runTo(index * 20);
        for (const compound of solo.compounds.slice(before)) {
          reportedAt.push(solo.now);
          reportBytes += writeRtcp(compound).length;
        }
        const chunk =
          config.kind === "audio"
            ? audioChunk(random, index)
            : videoChunk(random, index, "delta", 500, 50);
        mediaBytes += chunk.data.length;
        sender.send(chunk, solo.now);
      }
      const gaps = reportedAt.slice(1).map((at, index) => at - (reportedAt[index] ?? 0));
      expect(Math.max(...gaps)).toBeLessThanOrEqual(maxMs + 20);
      // Both ends share the 5 %.
      expect(reportBytes / mediaBytes).toBeLessThan(0.05);
    }
  });

  it("tell the time of the media clock at the moment that they are made", () => {
    const solo = new Solo();
    const sender = solo.session.addSender(audioSender);
    for (let index = 0; index < 200; index += 1) {
      solo.runTo(index * 20);
      sender.send(audioChunk(random, index), solo.now);
    }
    const [first] = solo.rtp;
    const reports = solo.of("sr");
    expect(reports.length).toBeGreaterThan(1);
    for (const { ntpSeconds, ntpFraction, rtpTimestamp } of reports) {
      const ms = wallClockMs(ntpSeconds, ntpFraction) - wallClockStartMs;
      const ticks = (rtpTimestamp - (first?.timestamp ?? 0)) >>> 0;
      expect(ticks / 48).toBeCloseTo(ms, 0);
    }
    expect(reports.at(-1)?.packetCount).toBeGreaterThan(0);
  });

  it("of a sender that is silent are those of a receiver", () => {
    const solo = new Solo();
    const sender = solo.session.addSender(videoSender);
    sender.send(videoChunk(random, 0, "key", 100), 0);
    solo.runTo(20_000);
    expect(solo.of("sr").length).toBeLessThanOrEqual(2);
    expect(solo.of("rr").length).toBeGreaterThan(10);
    expect(solo.of("rr").at(-1)).toEqual({ type: "rr", ssrc: videoSender.ssrc, reports: [] });
  });

  it("about what is received tell loss, position and jitter", () => {
    const solo = new Solo();
    receiverOf(solo.session, audioSender);
    for (let n = 0; n < 100; n += 1) {
      // Every fourth is lost; each second one comes 8 ms late.
      solo.runTo(n * 20 + (n % 2) * 8);
      if (n % 4 !== 2) solo.session.receive(opusPacket(65_500 + n, 960 * n), solo.now);
    }
    const reports = solo.of("rr").flatMap((report) => report.reports);
    const last = reports.at(-1);
    expect(last?.ssrc).toBe(audioSender.ssrc);
    expect((last?.packetsLost ?? 0) / ((last?.highestSequence ?? 0) - 65_499)).toBeCloseTo(0.25, 1);
    expect((last?.fractionLost ?? 0) / 256).toBeCloseTo(0.25, 1);
    // Came 8 ms late after one in time, or 8 ms early after a late one.
    expect(last?.jitter).toBeGreaterThan(0.5 * 8 * 48);
    expect(last?.jitter).toBeLessThan(8 * 48);
  });

  it("of many streams fill packets of 1,200 bytes at most, each with a report first", () => {
    const solo = new Solo();
    const [senders, receivers] = [20, 40];
    for (let index = 0; index < senders; index += 1) {
      const sender = solo.session.addSender({ ...audioSender, ssrc: 1_000 + index });
      sender.send(audioChunk(random, 0), 0);
    }
    for (let index = 0; index < receivers; index += 1) {
      receiverOf(solo.session, { ...audioSender, ssrc: 2_000 + index });
      solo.session.receive(opusPacket(1, 1, { ssrc: 2_000 + index }), 0);
    }
    solo.runTo(150);
    expect(solo.of("sr").map(({ ssrc }) => ssrc)).toEqual(
      Array.from({ length: senders }, (_, index) => 1_000 + index),
    );
    const about = [...solo.of("sr"), ...solo.of("rr")].flatMap(({ reports }) => reports);
    expect(about.map(({ ssrc }) => ssrc)).toEqual(
      Array.from({ length: receivers }, (_, index) => 2_000 + index),
    );
    for (const compound of solo.compounds) {
      expect(["sr", "rr"]).toContain(compound[0]?.type);
      expect(compound.at(-1)?.type).toBe("sdes");
      expect(writeRtcp(compound).length).toBeLessThanOrEqual(1_200);
    }
  });

  it("come before feedback where the remote does not take it alone", () => {
    for (const reducedSizeRtcp of [true, false]) {
      const solo = new Solo(1, { reducedSizeRtcp });
      receiverOf(solo.session, videoSender);
      for (const n of [1, 3]) {
        solo.session.receive(vp8Packet({ sequenceNumber: n, timestamp: n, key: true }), 0);
      }
      const types = solo.compounds[0]?.map(({ type }) => type);
      expect(types).toEqual(reducedSizeRtcp ? ["nack"] : ["rr", "sdes", "nack"]);
    }
  });
});

describe("a call", () => {
  it("knows its round trip, loss and clocks on both sides", () => {
    const call = new Call({ seed: 9, both: { delayMs: 40 }, aToB: { delayMs: 40, loss: 0.05 } });
    const audio = receiverOf(call.sessions.b, audioSender);
    const video = receiverOf(call.sessions.b, videoSender);
    const [sentAudio, sentVideo] = [sendAudio(call, 250), sendVideo(call, 150)];
    call.link.runFor(5_000);
    for (const { sender } of [sentAudio, sentVideo]) {
      const stats = sender.stats();
      expect(stats.roundTripTimeMs).toBeCloseTo(80, 0);
      expect(stats.remotePacketsLost).toBeGreaterThanOrEqual(0);
    }
    expect(sentAudio.sender.stats().remotePacketsLost / 250).toBeCloseTo(0.05, 1);
    // Sound and picture that were sent at one moment have one time, 40 ms before they came.
    for (const { receiver, chunks } of [audio, video]) {
      const last = chunks.at(-1);
      const at = receiver.captureTimeMs(last?.rtpTimestamp ?? 0) ?? 0;
      expect(Math.abs(at - wallClockStartMs - ((last?.receivedAtMs ?? 0) - 40))).toBeLessThan(300);
    }
    const [first] = audio.chunks;
    const captured = audio.receiver.captureTimeMs(first?.rtpTimestamp ?? 0) ?? 0;
    expect(captured - wallClockStartMs).toBeCloseTo((first?.receivedAtMs ?? 0) - 40, 0);
  });

  it("ends with a BYE for every sender, and is over then", () => {
    const call = new Call({ seed: 9 });
    const audio = receiverOf(call.sessions.b, audioSender);
    const video = receiverOf(call.sessions.b, videoSender);
    sendAudio(call, 50);
    sendVideo(call, 30);
    call.link.runFor(500);
    call.sessions.a.close(call.link.now);
    call.sessions.a.close(call.link.now);
    call.link.runFor(500);
    expect(audio.events).toEqual(["start", "end"]);
    expect(video.events).toEqual(["start", "end"]);
    expect(call.sessions.a.nextTimeout()).toBeUndefined();
    const sent = call.link.packets.a;
    call.link.runFor(2_000);
    expect(call.link.packets.a).toBe(sent);
    expect(() => call.sessions.a.addSender({ ...audioSender, ssrc: 3 })).toThrow(
      expect.objectContaining({ code: "closed" }),
    );
  });
});
