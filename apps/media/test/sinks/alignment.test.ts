import { describe, expect, it } from "vitest";
import { Alignment, type Aligned } from "../../src/sinks/formats/alignment.js";
import type { RecordedChunk } from "../../src/sinks/formats/format.js";

function chunk(timestamp: number, receivedAtMs: number, bytes = 10): RecordedChunk {
  const data = new Uint8Array(bytes);
  const rtpTimestamp = 0;
  return { type: "key", timestamp, duration: 0, data, rtpTimestamp, lostBefore: 0, receivedAtMs };
}

/** One of a sender that has reported. */
function captured(timestamp: number, receivedAtMs: number, captureTimeMs: number): RecordedChunk {
  return { ...chunk(timestamp, receivedAtMs), captureTimeMs };
}

function times(aligned: readonly Aligned[]): string[] {
  return aligned.map(({ kind, chunk: { timestamp } }) => `${kind} ${timestamp / 1000}`);
}

describe("two tracks in one file", () => {
  it("are held until both have begun, then placed by when the sender captured them", () => {
    const alignment = new Alignment(["audio", "video"]);
    expect(alignment.take("audio", captured(0, 5000, 70_000))).toEqual([]);
    expect(alignment.take("audio", captured(20_000, 5020, 70_020))).toEqual([]);
    // The first picture that can be shown is 2 s into its track, and 6 s late.
    const first = alignment.take("video", captured(2_000_000, 11_031, 70_031));
    expect(times(first)).toEqual(["audio 0", "audio 20", "video 31"]);
    const rest = [
      ...alignment.take("audio", captured(40_000, 5090, 70_040)),
      ...alignment.take("video", captured(2_033_000, 11_064, 70_064)),
    ];
    expect(times(rest)).toEqual(["audio 40", "video 64"]);
    expect(alignment.flush()).toEqual([]);
  });

  it("wait for the first report of the sender", () => {
    const alignment = new Alignment(["audio", "video"]);
    expect(alignment.take("audio", captured(0, 0, 1_000))).toEqual([]);
    expect(alignment.take("video", chunk(0, 900))).toEqual([]);
    const first = alignment.take("video", captured(100_000, 1_000, 1_110));
    expect(times(first)).toEqual(["audio 0", "video 10", "video 110"]);
  });

  it("are placed by the arrival of what was least late, when no report comes within 3 s", () => {
    const alignment = new Alignment(["audio", "video"]);
    alignment.take("video", chunk(0, 100));
    alignment.take("audio", chunk(0, 350));
    expect(alignment.take("audio", chunk(2_979_000, 3_349))).toEqual([]);
    // The first one came 200 ms too late.
    const all = alignment.take("audio", chunk(3_200_000, 3_350));
    expect(times(all)).toEqual(["video 0", "audio 50", "audio 3029", "audio 3250"]);
  });

  it("are given out at the end when one of them never began", () => {
    const alignment = new Alignment(["audio", "video"]);
    alignment.take("audio", chunk(0, 100));
    alignment.take("audio", chunk(20_000, 120));
    expect([...alignment.begun]).toEqual(["audio"]);
    expect(times(alignment.flush())).toEqual(["audio 0", "audio 20"]);
  });

  it("are held up to a limit of bytes; what begins later keeps its place", () => {
    const alignment = new Alignment(["audio", "video"], 30);
    for (const n of [0, 1, 2]) {
      expect(alignment.take("audio", chunk(n * 20_000, 100 + n * 20))).toEqual([]);
    }
    expect(times(alignment.take("audio", chunk(60_000, 160, 1)))).toEqual([
      "audio 0",
      "audio 20",
      "audio 40",
      "audio 60",
    ]);
    expect(times(alignment.take("video", chunk(0, 1100)))).toEqual(["video 1000"]);
  });

  it("are not held when there is but one", () => {
    const alignment = new Alignment(["video"]);
    expect(times(alignment.take("video", chunk(50_000, 100)))).toEqual(["video 0"]);
  });
});
