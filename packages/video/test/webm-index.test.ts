import type { EncodedChunk } from "@conic/domain";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WebmWriter, type WebmWriterOptions } from "../src/index.js";
import { MemorySink, rejection, vp8Chunks, vp8Frame } from "./support/files.js";
import { demuxed, interleave, opusChunks, statedDuration } from "./support/webm.js";

const both: WebmWriterOptions = {
  video: { width: 64, height: 48 },
  audio: { numberOfChannels: 1 },
};

/** Matroska, RFC 9559 section 5. */
const ids = {
  segment: [0x18, 0x53, 0x80, 0x67],
  cluster: [0x1f, 0x43, 0xb6, 0x75],
  cues: [0x1c, 0x53, 0xbb, 0x6b],
  seekCues: [0x53, 0xab, 0x84, 0x1c, 0x53, 0xbb, 0x6b, 0x53, 0xac, 0x85],
  cueClusterPosition: [0xf1],
};

async function fileOf(seconds: number, sink = new MemorySink()): Promise<Buffer> {
  const writer = new WebmWriter(sink, both);
  await interleave(writer, vp8Chunks(seconds * 30), opusChunks(seconds * 50));
  await writer.close();
  return Buffer.from(sink.bytes);
}

describe("the index of a WebM file", () => {
  it("names the length, and the place of each cluster", async () => {
    const file = await fileOf(6);
    expect(await statedDuration(file)).toBe(6);
    const segment = file.indexOf(Buffer.from(ids.segment)) + 4 + 6;
    const cuesAt = file.indexOf(Buffer.from(ids.seekCues)) + ids.seekCues.length;
    const cues = file.subarray(segment + file.readUIntBE(cuesAt, 5));
    expect([...cues.subarray(0, 4)]).toEqual(ids.cues);
    const clusters: number[] = [];
    for (let at = file.indexOf(Buffer.from(ids.cluster)); at >= 0;) {
      clusters.push(at - segment);
      at = file.indexOf(Buffer.from(ids.cluster), at + 1);
    }
    expect(clusters).toHaveLength(6);
    for (const position of clusters) {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(position);
      const short = bytes.subarray(Math.clz32(position) >> 3);
      const entry = Buffer.from([...ids.cueClusterPosition, 0x80 | short.length, ...short]);
      expect(cues.includes(entry)).toBe(true);
    }
  });

  it("says how large segment and clusters are", async () => {
    const file = await fileOf(3);
    const segment = file.indexOf(Buffer.from(ids.segment));
    expect(file.readUIntBE(segment + 4, 6) % 2 ** 42).toBe(file.length - segment - 10);
    const first = file.indexOf(Buffer.from(ids.cluster));
    const second = file.indexOf(Buffer.from(ids.cluster), first + 1);
    expect(Number(file.readBigUInt64BE(first + 1) & 0x07_ffff_ffffn)).toBe(second - first - 9);
  });

  it("is there for a file that is written at once when it is closed", async () => {
    const sink = new MemorySink();
    const writer = new WebmWriter(sink, both);
    for (const chunk of vp8Chunks(20)) await writer.write("video", chunk);
    await writer.close();
    expect(await statedDuration(sink.bytes)).toBeCloseTo(20 / 30, 2);
    expect((await demuxed(sink.bytes)).video?.data).toHaveLength(20);
  });

  it("is missing where the sink cannot seek, and the media is all there", async () => {
    const sink = new MemorySink({ seekable: false });
    const file = await fileOf(6, sink);
    expect(await statedDuration(file)).toBeNull();
    expect((await demuxed(file)).video?.data).toHaveLength(180);
  });

  it("passes an error of its writing on", async () => {
    const fault = new Error("disk");
    const sink = new MemorySink();
    sink.overwrite = () => {
      throw fault;
    };
    const writer = new WebmWriter(sink, { audio: {} });
    for (const chunk of opusChunks(20)) await writer.write("audio", chunk);
    expect(await rejection(() => writer.close())).toBe(fault);
    expect((await demuxed(sink.bytes)).audio?.data).toHaveLength(20);
  });
});

describe("a WebM file before it is complete", () => {
  it("can be played up to what was written last, at any time", async () => {
    const sink = new MemorySink();
    const writer = new WebmWriter(sink, both);
    const video = vp8Chunks(90);
    const audio = opusChunks(150);
    for (let second = 0; second < 3; second += 1) {
      const part = (rate: number) => [second * rate, (second + 1) * rate] as const;
      await interleave(writer, video.slice(...part(30)), audio.slice(...part(50)));
      const frames = (await demuxed(sink.bytes)).video?.data ?? [];
      expect(frames.length).toBeGreaterThanOrEqual(second * 30 + 28);
      expect(frames).toEqual(video.slice(0, frames.length).map(({ data }) => data));
      expect(await statedDuration(sink.bytes)).toBeNull();
    }
  });

  it("and when it is, holds the same as one that is only appended to", async () => {
    const step = fc.record({
      kind: fc.constantFrom("audio", "video"),
      key: fc.boolean(),
      gapMs: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 900, max: 40_000 })),
      bytes: fc.integer({ min: 12, max: 300 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60 }), async (steps) => {
        const files = [];
        for (const seekable of [true, false]) {
          const sink = new MemorySink({ seekable });
          const writer = new WebmWriter(sink, both);
          let timestamp = 0;
          for (const { kind, key, gapMs, bytes } of steps) {
            timestamp += gapMs * 1_000;
            await writer.write(kind, chunkOf(kind, key, timestamp, bytes));
          }
          const before = await readable(sink.bytes);
          await writer.close();
          files.push([before, await readable(sink.bytes)]);
        }
        expect(files[0]).toEqual(files[1]);
      }),
      { numRuns: 25 },
    );
  });
});

/** Undefined: there is not a segment yet. */
async function readable(bytes: Uint8Array): Promise<unknown> {
  return bytes.length < 100 ? undefined : demuxed(bytes);
}

function chunkOf(
  kind: "audio" | "video",
  key: boolean,
  timestamp: number,
  bytes: number,
): EncodedChunk {
  const type = kind === "audio" || key ? "key" : "delta";
  const data = kind === "audio" ? new Uint8Array(bytes).fill(0xf8) : vp8Frame(type, bytes);
  return { type, timestamp, duration: 20_000, data };
}
