import { describe, expect, it } from "vitest";
import { videoChunk, videoSender, wallClockStartMs } from "../link/call.js";
import { compactNtp, wallClockMs } from "../../src/rtcp/ntp.js";
import type { ReportBlock } from "../../src/rtcp/packet.js";
import { Random } from "../link/random.js";
import { Solo } from "../link/solo.js";

const random = new Random(3);
const mediaSsrc = videoSender.ssrc;

function watching(): { readonly solo: Solo; readonly requests: number[] } {
  const solo = new Solo();
  const requests: number[] = [];
  solo.session.addSender({ ...videoSender, onKeyFrameRequest: () => requests.push(solo.now) });
  return { solo, requests };
}

describe("requests for a key frame", () => {
  it("are passed on at most once in 300 ms", () => {
    const { solo, requests } = watching();
    for (solo.now = 0; solo.now <= 900; solo.now += 50) {
      solo.receiveRtcp({ type: "pli", senderSsrc: 1, mediaSsrc });
    }
    expect(requests).toEqual([0, 300, 600, 900]);
  });

  it("come as FIR too; the same number is the same request", () => {
    const { solo, requests } = watching();
    const fir = (sequenceNumber: number): void => {
      const entries = [{ ssrc: mediaSsrc, sequenceNumber }];
      solo.receiveRtcp({ type: "fir", senderSsrc: 1, entries });
      solo.now += 400;
    };
    for (const number of [7, 7, 8, 8, 7]) fir(number);
    expect(requests).toEqual([0, 800, 1_600]);
  });

  it("concern the stream that they name, and video alone", () => {
    const { solo, requests } = watching();
    let audioRequests = 0;
    solo.session.addSender({
      ...videoSender,
      kind: "audio",
      ssrc: 5,
      onKeyFrameRequest: () => (audioRequests += 1),
    });
    solo.receiveRtcp({ type: "pli", senderSsrc: 1, mediaSsrc: 5 });
    solo.receiveRtcp({ type: "pli", senderSsrc: 1, mediaSsrc: 6 });
    expect({ requests, audioRequests }).toEqual({ requests: [], audioRequests: 0 });
  });
});

const block = (change: Partial<ReportBlock>): ReportBlock => ({
  ssrc: mediaSsrc,
  fractionLost: 64,
  packetsLost: 12,
  highestSequence: 100,
  jitter: 900,
  lastSenderReport: 0,
  delaySinceLastSenderReport: 0,
  ...change,
});

describe("reports of the remote", () => {
  it("tell loss, jitter and the round trip", () => {
    const solo = new Solo();
    const sender = solo.session.addSender(videoSender);
    sender.send(videoChunk(random, 0, "key", 50), 0);
    solo.runTo(1_000);
    const [report] = solo.of("sr");
    if (report === undefined) throw new Error("no sender report");
    const sentAt = wallClockMs(report.ntpSeconds, report.ntpFraction) - wallClockStartMs;
    const lastSenderReport = compactNtp(report.ntpSeconds, report.ntpFraction);
    solo.now = 2_000;
    const delayMs = 2_000 - sentAt - 80;
    const delaySinceLastSenderReport = Math.round((delayMs * 65_536) / 1_000);
    const reports = [block({ lastSenderReport, delaySinceLastSenderReport })];
    solo.receiveRtcp({ type: "rr", ssrc: 1, reports });
    const stats = sender.stats();
    expect(stats).toMatchObject({ remotePacketsLost: 12, remoteFractionLost: 0.25 });
    expect(stats.remoteJitterMs).toBe(10);
    expect(stats.roundTripTimeMs).toBeCloseTo(80, 1);
  });

  it("that refer to no report of ours tell no round trip", () => {
    const solo = new Solo();
    const sender = solo.session.addSender(videoSender);
    sender.send(videoChunk(random, 0, "key", 50), 0);
    solo.runTo(1_000);
    for (const lastSenderReport of [0, 1, 0xffff_ffff]) {
      solo.receiveRtcp({ type: "rr", ssrc: 1, reports: [block({ lastSenderReport })] });
    }
    const [report] = solo.of("sr");
    const lastSenderReport = compactNtp(report?.ntpSeconds ?? 0, report?.ntpFraction ?? 0);
    const late = block({ lastSenderReport, delaySinceLastSenderReport: 0xffff_ffff });
    solo.receiveRtcp({ type: "rr", ssrc: 1, reports: [late] });
    expect(sender.stats().roundTripTimeMs).toBeUndefined();
  });

  it("tell what the remote can take", () => {
    const solo = new Solo();
    const sender = solo.session.addSender(videoSender);
    expect(sender.stats().targetBitrate).toBe(2_500_000);
    for (let index = 0; index < 60; index += 1) {
      solo.now = (index * 1_000) / 30;
      sender.send(videoChunk(random, index, "delta", 5_000), solo.now);
    }
    solo.receiveRtcp({ type: "remb", senderSsrc: 1, bitrate: 700_000, ssrcs: [mediaSsrc, 5] });
    expect(sender.stats().targetBitrate).toBe(2_500_000);
    solo.receiveRtcp({ type: "remb", senderSsrc: 1, bitrate: 500_000, ssrcs: [mediaSsrc, 5] });
    expect(sender.stats().targetBitrate).toBe(500_000);
  });
});

describe("a sender that stops", () => {
  it("says goodbye once, and sends nothing more", () => {
    const solo = new Solo();
    const sender = solo.session.addSender(videoSender);
    sender.send(videoChunk(random, 0, "key", 50), 0);
    sender.stop(10);
    sender.stop(11);
    sender.send(videoChunk(random, 1, "delta", 50), 12);
    expect(solo.of("bye")).toEqual([{ type: "bye", ssrcs: [mediaSsrc] }]);
    expect(solo.compounds[0]?.map(({ type }) => type)).toEqual(["rr", "sdes", "bye"]);
    expect(solo.rtp).toHaveLength(1);
  });

  it("says nothing when it never sent", () => {
    const solo = new Solo();
    solo.session.addSender(videoSender).stop(0);
    expect(solo.rtcp).toEqual([]);
  });

  it("is followed by one of the same SSRC without a sequence number used twice", () => {
    const solo = new Solo();
    for (let round = 0; round < 5; round += 1) {
      const sender = solo.session.addSender(videoSender);
      for (let index = 0; index < 5; index += 1) {
        sender.send(videoChunk(random, index, "key", 50), round * 1_000 + (index * 1_000) / 30);
      }
      sender.stop(round * 1_000 + 500);
    }
    const [first] = solo.rtp;
    expect(
      solo.rtp.map(({ sequenceNumber }) => sequenceNumber - (first?.sequenceNumber ?? 0)),
    ).toEqual(Array.from({ length: 25 }, (_, index) => index));
    expect(((solo.rtp[5]?.timestamp ?? 0) - (first?.timestamp ?? 0)) | 0).toBe(90_000);
  });

  it("has an SSRC of its own", () => {
    const { session } = new Solo();
    session.addSender(videoSender);
    expect(() => session.addSender(videoSender)).toThrow(
      expect.objectContaining({ code: "invalid_argument" }),
    );
  });
});
