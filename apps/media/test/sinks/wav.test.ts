import { readdir, readFile, stat } from "node:fs/promises";
import { decodeWav, type WavAudio } from "@conic/audio";
import type { ReceivedChunk } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { openRecorder, type RecordingSummary } from "../../src/sinks/recorder.js";
import { opus, receivedTone } from "../support/opus.js";
import { withLoss } from "../support/received.js";
import { tempFolder } from "../support/temp-folder.js";
import { purity } from "../support/tone.js";

const path = tempFolder();

async function recorded(
  chunks: readonly ReceivedChunk[],
): Promise<{ summary: RecordingSummary; audio: WavAudio; left: Float32Array }> {
  const recorder = await openRecorder(path("a.wav"), { kinds: ["audio"], opus });
  for (const chunk of chunks) await recorder.write("audio", chunk);
  const summary = await recorder.close();
  const audio = decodeWav(await readFile(path("a.wav")));
  return { summary, audio, left: audio.channelData[0] ?? new Float32Array() };
}

/** Frames of 20 ms that are next to silent. */
function silentFrames(samples: Float32Array): number[] {
  return Array.from({ length: samples.length / 960 }, (_, n) => n).filter((n) =>
    samples.subarray(n * 960, (n + 1) * 960).every((value) => Math.abs(value) < 0.01),
  );
}

describe("a recording in WAV", () => {
  it("holds what was sent, in 16 bits and 2 channels", async () => {
    const { summary, audio, left } = await recorded(await receivedTone(100, { rtpStart: 1e9 }));
    expect(audio.info.format).toMatchObject({
      encoding: "pcm",
      bitsPerSample: 16,
      sampleRate: 48_000,
      channels: 2,
    });
    expect(audio.summary).toMatchObject({ frames: 96_000, truncated: false });
    expect(purity(left.subarray(4800), 440)).toBeGreaterThan(0.99);
    expect(summary).toEqual({
      path: path("a.wav"),
      written: true,
      seconds: 2,
      bytes: (await stat(path("a.wav"))).size,
      audioPackets: 100,
      videoFrames: 0,
      lost: 0,
      dropped: 0,
    });
    expect(await readdir(path())).toEqual(["a.wav"]);
  });

  it("fills what was lost, so that its time stays true and nothing is silent", async () => {
    const chunks = await receivedTone(200);
    const lost = new Set([10, 50, 51, 100, 101, 102]);
    const { summary, left } = await recorded(withLoss(chunks, (index) => lost.has(index)));
    expect(left.length).toBe(200 * 960);
    expect(summary).toMatchObject({ seconds: 4, audioPackets: 194, lost: 6 });
    expect(silentFrames(left.subarray(960))).toEqual([]);
    // The tone after the gaps is where it would be without them.
    expect(purity(left.subarray(110 * 960), 440)).toBeGreaterThan(0.99);
  });

  it("keeps the time of a pause", async () => {
    const first = await receivedTone(50);
    const second = await receivedTone(50, { rtpStart: 48_000 * 61, arrivalMs: 61_000 });
    const { summary, left } = await recorded([...first, ...second]);
    expect(summary.seconds).toBe(62);
    expect(left.length).toBe(48_000 * 62);
    expect(silentFrames(left.subarray(48_000 * 3, 48_000 * 61)).length).toBe(58 * 50);
    expect(purity(left.subarray(48_000 * 61 + 4800), 440)).toBeGreaterThan(0.99);
  });

  it("goes on when the sender starts anew", async () => {
    const first = await receivedTone(50, { rtpStart: 4e9 });
    const second = await receivedTone(50, { rtpStart: 5, arrivalMs: 1500 });
    expect((await recorded([...first, ...second])).summary.seconds).toBe(2.5);
  });

  it("takes packets that are no Opus for lost ones", async () => {
    const chunks = await receivedTone(50);
    const broken = chunks.map((chunk, index) =>
      index === 20 ? { ...chunk, data: Uint8Array.of(0x03, 0x00) } : chunk,
    );
    const { left } = await recorded(broken);
    expect(left.length).toBe(48_000);
  });
});
