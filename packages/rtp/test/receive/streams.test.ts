import { describe, expect, it } from "vitest";
import type { SenderReport } from "../../src/rtcp/packet.js";
import { ntpTime } from "../../src/rtcp/ntp.js";
import { audioSender, receiverOf, wallClockStartMs, type Received } from "../link/call.js";
import { opusPacket, Solo } from "../link/solo.js";

interface Listening extends Received {
  readonly solo: Solo;
  readonly packets: (from: number, count: number, timestamp: number, ssrc?: number) => void;
}

/** Packets 20 ms apart. */
function listening(): Listening {
  const solo = new Solo();
  const received = receiverOf(solo.session, audioSender);
  const packets = (from: number, count: number, timestamp: number, ssrc?: number): void => {
    for (let index = 0; index < count; index += 1) {
      const at = timestamp + 960 * index;
      solo.session.receive(
        opusPacket(from + index, at, ssrc === undefined ? {} : { ssrc }),
        solo.now,
      );
      solo.now += 20;
    }
  };
  return { solo, ...received, packets };
}

const times = ({ chunks }: Received): number[] =>
  chunks.map(({ timestamp }) => Math.round(timestamp / 1_000));
const bye = (ssrc: number): { readonly type: "bye"; readonly ssrcs: number[] } => ({
  type: "bye",
  ssrcs: [ssrc],
});

describe("a stream", () => {
  it("that was away for more than 1,000 packets goes on, with what is missing", () => {
    const call = listening();
    call.packets(1, 3, 0);
    call.solo.now = 40_000;
    call.packets(2_001, 3, 2_000 * 960);
    expect(call.chunks.map(({ lostBefore }) => lostBefore)).toEqual([0, 0, 0, 1_997, 0, 0]);
    expect(times(call)).toEqual([0, 20, 40, 40_000, 40_020, 40_040]);
    expect(call.receiver.stats().packetsLost).toBe(1_997);
  });

  it("that begins anew elsewhere goes on in time by what passed", () => {
    const call = listening();
    call.packets(30_000, 3, 1_000_000);
    call.packets(100, 3, 4_000_000_000);
    expect(call.chunks.map(({ lostBefore }) => lostBefore)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(times(call)).toEqual([0, 20, 40, 80, 100, 120]);
    expect(call.receiver.stats()).toMatchObject({ packetsReceived: 6, packetsLost: 0 });
  });

  it("is not ended by one stray packet", () => {
    const call = listening();
    call.packets(1, 3, 0);
    call.packets(30_000, 1, 99);
    call.packets(4, 3, 3 * 960);
    expect(call.chunks.map(({ data }) => data[2])).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("is taken 1,000 packets ahead, and begins anew at 1,001", () => {
    for (const [distance, lostBefore] of [
      [1_000, [0, 999, 0]],
      [1_001, [0, 0]],
    ] as const) {
      const call = listening();
      call.packets(1, 1, 0);
      // Far back in time: another source.
      call.packets(1 + distance, 2, 3_000_000_000);
      call.solo.runTo(call.solo.now + 100);
      expect(call.chunks.slice(0, lostBefore.length).map((chunk) => chunk.lostBefore)).toEqual(
        lostBefore,
      );
    }
  });
});

describe("several streams of one receiver", () => {
  const [first, second, third] = [audioSender.ssrc, 77, 78];

  it("the newest plays; time goes on", () => {
    const call = listening();
    call.packets(1, 3, 0, first);
    call.packets(500, 3, 1_234_567, second);
    expect(call.receiver.stats()).toMatchObject({ ssrc: second, packetsReceived: 6 });
    expect(times(call)).toEqual([0, 20, 40, 80, 100, 120]);
    expect(call.events).toEqual(["start"]);
    call.packets(4, 2, 3 * 960, first);
    expect(call.receiver.stats()).toMatchObject({ ssrc: second, packetsDiscarded: 2 });
    call.packets(1, 3, 5, third);
    expect(call.receiver.stats().ssrc).toBe(third);
  });

  it("an earlier one plays again when the newest is silent", () => {
    const call = listening();
    call.packets(1, 3, 0, first);
    call.packets(500, 3, 1_234_567, second);
    call.solo.now += 1_100;
    call.packets(10, 3, 9 * 960, first);
    expect(call.receiver.stats().ssrc).toBe(first);
  });
});

describe("the end of a stream", () => {
  it("is told once, by a BYE of the stream that plays", () => {
    const call = listening();
    call.solo.receiveRtcp(bye(audioSender.ssrc));
    call.packets(1, 3, 0);
    call.solo.receiveRtcp(bye(12_345));
    expect(call.events).toEqual(["start"]);
    call.solo.receiveRtcp(bye(audioSender.ssrc));
    call.solo.receiveRtcp(bye(audioSender.ssrc));
    expect(call.events).toEqual(["start", "end"]);
  });

  it("is not taken back by packets that the BYE overtook", () => {
    const call = listening();
    call.packets(1, 3, 0);
    call.solo.receiveRtcp(bye(audioSender.ssrc));
    call.packets(4, 2, 3 * 960);
    expect(call.events).toEqual(["start", "end"]);
    expect(call.chunks).toHaveLength(5);
  });

  it("is followed by another start when the remote sends again", () => {
    const call = listening();
    call.packets(1, 3, 0);
    call.solo.receiveRtcp(bye(audioSender.ssrc));
    call.solo.now += 600;
    call.packets(4, 2, 3 * 960);
    expect(call.events).toEqual(["start", "end", "start"]);
  });

  it("that the application makes is the end of its chunks", () => {
    const call = listening();
    call.packets(1, 3, 0);
    call.receiver.stop();
    call.receiver.stop();
    call.packets(4, 3, 3 * 960);
    expect(call.chunks).toHaveLength(3);
    call.solo.runTo(10_000);
    expect(call.receiver.stats().packetsReceived).toBe(3);
  });
});

const report = (rtpTimestamp: number, remoteMs: number): SenderReport => {
  const { seconds, fraction } = ntpTime(remoteMs);
  return {
    type: "sr",
    ssrc: audioSender.ssrc,
    ntpSeconds: seconds,
    ntpFraction: fraction,
    rtpTimestamp,
    packetCount: 1,
    octetCount: 1,
    reports: [],
  };
};

describe("the clock of the remote", () => {
  it("tells when a chunk was captured, across the wrap of timestamps", () => {
    const call = listening();
    call.packets(1, 5, 2 ** 32 - 960);
    expect(call.receiver.captureTimeMs(0)).toBeUndefined();
    call.solo.receiveRtcp(report(2 ** 32 - 960, wallClockStartMs));
    const captured = call.chunks.map(({ rtpTimestamp }) =>
      call.receiver.captureTimeMs(rtpTimestamp),
    );
    for (const [index, at] of captured.entries())
      expect(at).toBeCloseTo(wallClockStartMs + 20 * index, 2);
    expect(call.receiver.stats().remoteClock).toMatchObject({ rtpTimestamp: 2 ** 32 - 960 });
    expect(call.receiver.stats().remoteClock?.remoteTimeMs).toBeCloseTo(wallClockStartMs, 2);
  });
});
