import type { ReceivedChunk } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { MediaAxis } from "../../src/sinks/media-axis.js";

function chunk(rtpTimestamp: number, receivedAtMs: number): ReceivedChunk {
  const data = new Uint8Array(1);
  return {
    type: "key",
    timestamp: 0,
    duration: 0,
    data,
    rtpTimestamp,
    lostBefore: 0,
    receivedAtMs,
  };
}

/** RTP timestamps on an axis of 48 kHz; each chunk is [rtpTimestamp, receivedAtMs]. */
function placed(...chunks: readonly (readonly [number, number])[]): number[] {
  const axis = new MediaAxis(48_000);
  return chunks.map(([rtp, at]) => axis.place(chunk(rtp, at)).rtpTimestamp);
}

describe("the time axis of a recording", () => {
  it("starts at 0 and keeps the times of the sender, in both units", () => {
    const axis = new MediaAxis(90_000);
    const times = [900_000, 903_000, 1_800_000].map((rtp) => {
      const { rtpTimestamp, timestamp } = axis.place(chunk(rtp, 7 + rtp / 90));
      return [rtpTimestamp, timestamp];
    });
    expect(times).toEqual([
      [0, 0],
      [3000, 33_333],
      [900_000, 10_000_000],
    ]);
  });

  it("does not mind the jitter of arrival, nor packets that were held up for a while", () => {
    expect(placed([0, 0], [960, 55], [1920, 56], [2880, 5000], [3840, 5001])).toEqual([
      0, 960, 1920, 2880, 3840,
    ]);
  });

  it("keeps a pause", () => {
    expect(placed([0, 0], [48_000 * 3600, 3_600_000])).toEqual([0, 48_000 * 3600]);
  });

  it("goes on by arrival where the sender starts anew with an earlier time", () => {
    expect(placed([50_000, 0], [50_960, 20], [0, 520], [960, 540])).toEqual([
      0, 960, 24_960, 25_920,
    ]);
  });

  it("never goes back when it starts anew while packets were held up", () => {
    // The media is 5 s ahead of its arrival.
    expect(placed([0, 0], [240_000, 10], [100, 30])).toEqual([0, 240_000, 240_001]);
  });

  it.each([
    ["is believed at", 480_000 + 960, 480_960],
    ["is not believed above", 480_000 + 961, 960],
  ])("%s 10 s ahead of its arrival", (_, rtp, expected) => {
    expect(placed([0, 0], [rtp, 20])).toEqual([0, expected]);
  });

  it("makes up for a sender whose clock stood still, once it is certain of it", () => {
    // 3 s of sound are missing, and the clock does not know; then all goes on.
    const after = Array.from(
      { length: 310 },
      (_, n) => [960 * (n + 1), 3000 + 20 * (n + 1)] as const,
    );
    const times = placed([0, 0], ...after);
    const steps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(steps.filter((step) => step !== 960)).toEqual([144_960]);
    expect(times.at(-1)).toBe((3000 + 20 * 310) * 48);
    // Five seconds after the first that was late.
    expect(steps.indexOf(144_960)).toBe(250);
  });

  it.each([
    ["a second", 1000, []],
    ["more than a second", 1001, [48_048]],
  ])("does so when it lags by %s", (_, lagMs, jumps) => {
    const after = Array.from(
      { length: 260 },
      (_n, n) => [960 * (n + 1), lagMs + 20 * (n + 1)] as const,
    );
    const times = placed([0, 0], ...after);
    const steps = times.slice(1).map((time, index) => time - (times[index] ?? 0) - 960);
    expect(steps.filter((step) => step !== 0)).toEqual(jumps);
  });

  it("waits for what was held up, and comes faster then", () => {
    const held = Array.from(
      { length: 400 },
      (_, n) => [960 * (n + 1), Math.max(20 * (n + 1), 3000 + 5 * n)] as const,
    );
    const times = placed([0, 0], ...held);
    expect(times).toEqual(times.map((_, index) => 960 * index));
  });
});
