import { readFile } from "node:fs/promises";
import { readOggOpus } from "@conic/audio";
import type { EncodedChunk, ReceivedChunk } from "@conic/domain";
import { collectAll } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { openRecorder, type RecordingSummary } from "../../src/sinks/recorder.js";
import { opus, receivedTone } from "../support/opus.js";
import { withLoss } from "../support/received.js";
import { tempFolder } from "../support/temp-folder.js";
import { joined, purity } from "../support/tone.js";

const path = tempFolder();

async function recorded(
  chunks: readonly ReceivedChunk[],
): Promise<{ summary: RecordingSummary; packets: EncodedChunk[]; samples: number }> {
  const recorder = await openRecorder(path("a.ogg"), { kinds: ["audio"], opus });
  for (const chunk of chunks) await recorder.write("audio", chunk);
  const summary = await recorder.close();
  const packets = await collectAll(await readOggOpus(await readFile(path("a.ogg"))));
  const last = packets.at(-1);
  return { summary, packets, samples: ((last?.timestamp ?? 0) + (last?.duration ?? 0)) * 0.048 };
}

describe("a recording in Ogg", () => {
  it("holds the packets as they came", async () => {
    const chunks = await receivedTone(100, { rtpStart: 5e9 });
    const { summary, packets, samples } = await recorded(chunks);
    expect(packets.map(({ data }) => data)).toEqual(chunks.map(({ data }) => data));
    expect(samples).toBe(96_000);
    const bytes = (await readFile(path("a.ogg"))).length;
    expect(summary).toMatchObject({ written: true, bytes, audioPackets: 100, lost: 0 });
    // Without what a player drops at the start.
    expect(summary.seconds).toBe(2 - 0.0065);
  });

  it("keeps the time of what was lost, and of a pause", async () => {
    const lost = withLoss(await receivedTone(50), (index) => index >= 20 && index < 23);
    const later = await receivedTone(50, { rtpStart: 48_000 * 11, arrivalMs: 11_000 });
    const { summary, packets, samples } = await recorded([...lost, ...later]);
    expect(samples).toBe(48_000 * 12);
    expect(summary).toMatchObject({ audioPackets: 97, lost: 3 });
    using decoder = await opus.createDecoder({ numberOfChannels: 1 });
    const audio = joined(packets.map(({ data }) => decoder.decode(data)));
    expect(purity(audio.subarray(48_000 * 11 + 4800), 440)).toBeGreaterThan(0.95);
  });

  it("leaves out what is no Opus", async () => {
    const chunks = (await receivedTone(10)).map((chunk, index) =>
      index === 5 ? { ...chunk, data: new Uint8Array(0) } : chunk,
    );
    const { summary, samples } = await recorded(chunks);
    expect(samples).toBe(9600);
    expect(summary).toMatchObject({ audioPackets: 9, dropped: 1 });
  });
});
