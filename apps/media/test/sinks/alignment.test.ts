import type { ReceivedChunk } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { Alignment, type Aligned } from "../../src/sinks/formats/alignment.js";

function chunk(timestamp: number, receivedAtMs: number, bytes = 10): ReceivedChunk {
  const data = new Uint8Array(bytes);
  const rtpTimestamp = 0;
  return { type: "key", timestamp, duration: 0, data, rtpTimestamp, lostBefore: 0, receivedAtMs };
}

function times(aligned: readonly Aligned[]): string[] {
  return aligned.map(({ kind, chunk: { timestamp } }) => `${kind} ${timestamp / 1000}`);
}

describe("two tracks in one file", () => {
  it("are held until both have begun, then placed by the arrival of their first chunks", () => {
    const alignment = new Alignment(["audio", "video"]);
    expect(alignment.take("audio", chunk(0, 5000))).toEqual([]);
    expect(alignment.take("audio", chunk(20_000, 5020))).toEqual([]);
    // The first picture that can be shown is 2 s into its track.
    const first = alignment.take("video", chunk(2_000_000, 5031));
    expect(times(first)).toEqual(["audio 0", "audio 20", "video 31"]);
    const rest = [
      ...alignment.take("audio", chunk(40_000, 5090)),
      ...alignment.take("video", chunk(2_033_000, 5064)),
    ];
    expect(times(rest)).toEqual(["audio 40", "video 64"]);
    expect(alignment.flush()).toEqual([]);
  });

  it("start with the earlier one, whichever it is", () => {
    const alignment = new Alignment(["audio", "video"]);
    alignment.take("video", chunk(0, 100));
    expect(times(alignment.take("audio", chunk(0, 350)))).toEqual(["video 0", "audio 250"]);
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
