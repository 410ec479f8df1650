import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TargetBitrate, type PathReport } from "../../src/send/rate/target-bitrate.js";
import { Call, receiverOf, sendVideo, videoSender } from "../link/call.js";

const max = 2_000_000;

/** One report a second, of a hundred packets. */
function run(target: TargetBitrate, seconds: number, loss: number, from = 0, rtt = 50): number {
  for (let second = 1; second <= seconds; second += 1) {
    const report = { packets: 100, lost: 100 * loss, roundTripMs: rtt };
    target.onReport(report, (from + second) * 1_000);
  }
  return target.value;
}

describe("the target of a sender", () => {
  it("begins at its maximum and stays there while nothing is lost", () => {
    const target = new TargetBitrate(max);
    expect(target.value).toBe(max);
    expect(run(target, 10, 0)).toBe(max);
  });

  it.each([0.1, 0.02, 0.05])("holds at a loss of %d", (loss) => {
    expect(run(new TargetBitrate(max), 10, loss)).toBe(max);
  });

  it("is lowered by half of what is lost above 10 %, and raised by 8 % a second below 2 %", () => {
    const target = new TargetBitrate(max);
    expect(run(target, 1, 0.2)).toBe(1_800_000);
    expect(run(target, 1, 0.11, 1)).toBe(1_701_000);
    expect(run(target, 1, 0.019, 2)).toBe(1_837_080);
    expect(run(target, 1, 0.02, 3)).toBe(1_837_080);
  });

  it("comes down to its floor on a dead path, and up to its maximum after it", () => {
    const target = new TargetBitrate(max);
    expect(run(target, 30, 0.5)).toBe(100_000);
    expect(run(target, 38, 0, 30)).toBeLessThan(max);
    expect(run(target, 2, 0, 68)).toBe(max);
  });

  it("grows by time, not by the number of reports", () => {
    const often = new TargetBitrate(max);
    const seldom = new TargetBitrate(max);
    run(often, 1, 1);
    run(seldom, 1, 1);
    for (let at = 1_250; at <= 5_000; at += 250) {
      often.onReport({ packets: 25, lost: 0, roundTripMs: 50 }, at);
    }
    expect(run(seldom, 4, 0, 1)).toBeCloseTo(often.value, -1);
  });

  it("is lowered once for the loss of one round trip", () => {
    const target = new TargetBitrate(max);
    const lossy: PathReport = { packets: 100, lost: 20, roundTripMs: 100 };
    const values = [1_000, 1_399, 1_400].map((at) => {
      target.onReport(lossy, at);
      return target.value;
    });
    expect(values).toEqual([1_800_000, 1_800_000, 1_620_000]);
  });

  it("is not moved by fewer than 20 packets, whose loss counts with the next", () => {
    const target = new TargetBitrate(max);
    target.onReport({ packets: 19, lost: 8, roundTripMs: undefined }, 1_000);
    expect(target.value).toBe(max);
    target.onReport({ packets: 1, lost: 0, roundTripMs: undefined }, 2_000);
    expect(target.value).toBe(max * 0.8);
  });

  it("is lowered when the round trip grows by more than 250 ms in two reports, until that is what the path takes", () => {
    const target = new TargetBitrate(max);
    run(target, 3, 0, 0, 40);
    expect(run(target, 1, 0, 3, 290)).toBe(max);
    expect(run(target, 1, 0, 4, 291)).toBe(max);
    expect(run(target, 1, 0, 5, 291)).toBe(1_700_000);
    expect(run(target, 1, 0, 6, 40)).toBe(1_836_000);
    expect(run(target, 60, 0, 7, 400)).toBe(max);
  });

  it("is never above what the remote can take, and follows that up at once", () => {
    const target = new TargetBitrate(max);
    target.onRemoteMax(400_000, max);
    expect(run(target, 3, 0)).toBe(400_000);
    target.onRemoteMax(900_000, 400_000);
    expect(target.value).toBe(900_000);
    target.onRemoteMax(1, 400_000);
    expect(target.value).toBe(100_000);
  });

  it("is not lowered by an estimate that only says what little was sent", () => {
    const target = new TargetBitrate(max);
    for (const sent of [100_000, 80_000, 60_000]) target.onRemoteMax(0.85 * sent, sent);
    expect(target.value).toBe(max);
    // One second of many bits, after a pause, does not make it believed either.
    target.onRemoteMax(60_000, 2_000_000);
    expect(target.value).toBe(max);
    target.onRemoteMax(1_000_000, 2_000_000);
    expect(target.value).toBe(max);
    target.onRemoteMax(999_999, 2_000_000);
    expect(target.value).toBe(999_999);
  });

  it.each([
    ["loses packets", 0.02, 50],
    ["has a queue", 0, 151],
  ])("is lowered by an estimate below 80 %% of what is sent when the path %s", (_, loss, rtt) => {
    const target = new TargetBitrate(max);
    run(target, 2, 0);
    run(target, 1, loss, 2, rtt);
    target.onRemoteMax(1_600_000, 2_000_000);
    expect(target.value).toBe(max);
    target.onRemoteMax(1_599_999, 2_000_000);
    expect(target.value).toBe(1_599_999);
  });

  it("follows another maximum, up only where nothing was lost", () => {
    const target = new TargetBitrate(max);
    target.max = 3_000_000;
    expect(target.value).toBe(3_000_000);
    run(target, 1, 0.5);
    target.max = 4_000_000;
    expect(target.value).toBe(2_250_000);
    target.max = 50_000;
    expect(target.value).toBe(50_000);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("refuses %d as its maximum", (bad) => {
    const refused: unknown = expect.objectContaining({ code: "invalid_argument" });
    expect(() => new TargetBitrate(bad)).toThrow(refused);
    expect(() => {
      new TargetBitrate(max).max = bad;
    }).toThrow(refused);
  });

  it("is within its bounds whatever is reported", () => {
    const event = fc.record({
      afterMs: fc.integer({ min: 0, max: 100_000 }),
      packets: fc.integer({ min: 0, max: 40_000 }),
      loss: fc.double({ min: 0, max: 1.5, noNaN: true }),
      roundTripMs: fc.option(fc.double({ min: 0, max: 60_000, noNaN: true }), { nil: undefined }),
      remb: fc.option(fc.double({ min: 0, max: 1e12, noNaN: true }), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e8 }), fc.array(event), (bound, events) => {
        const target = new TargetBitrate(bound);
        let now = 0;
        let remoteMax = Number.POSITIVE_INFINITY;
        for (const { afterMs, packets, loss, roundTripMs, remb } of events) {
          now += afterMs;
          if (remb !== undefined) target.onRemoteMax((remoteMax = remb), Number.POSITIVE_INFINITY);
          target.onReport({ packets, lost: packets * loss, roundTripMs }, now);
          const floor = Math.min(100_000, bound);
          expect(target.value).toBeGreaterThanOrEqual(floor);
          expect(target.value).toBeLessThanOrEqual(Math.max(floor, Math.min(bound, remoteMax) + 1));
        }
      }),
    );
  });
});

describe("a video over a path that loses", () => {
  it.each([true, false])(
    "is to become smaller, and larger when the path is good again; retransmission: %s",
    (nack) => {
      const call = new Call({ seed: 12 });
      receiverOf(call.sessions.b, { ...videoSender, nack });
      const heard: number[] = [];
      const onTargetBitrate = (bits: number): unknown => heard.push(bits);
      const { sender } = sendVideo(call, 30 * 33, { nack, maxBitrate: 1_000_000, onTargetBitrate });
      call.link.runFor(3_000);
      expect(sender.stats().targetBitrate).toBe(1_000_000);
      call.link.change("a", { loss: 0.2 });
      call.link.runFor(5_000);
      const low = sender.stats().targetBitrate ?? 0;
      expect(low).toBeLessThan(600_000);
      expect(heard.at(-1)).toBe(low);
      call.link.change("a", { loss: 0 });
      call.link.runFor(25_000);
      expect(sender.stats().targetBitrate).toBe(1_000_000);
    },
  );

  it("is not to become smaller at a loss of 1 %", () => {
    const call = new Call({ seed: 13, aToB: { loss: 0.01 } });
    receiverOf(call.sessions.b, videoSender);
    const { sender } = sendVideo(call, 30 * 15, { maxBitrate: 1_000_000 });
    call.link.runFor(15_000);
    expect(sender.stats().targetBitrate).toBeGreaterThan(900_000);
  });
});
