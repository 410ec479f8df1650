import { describe, expect, it } from "vitest";
import { WebmWriter, type WebmWriterOptions } from "../src/index.js";
import { MemorySink, rejection, vp8Chunks } from "./support/files.js";
import { demuxed, interleave, opusChunks } from "./support/webm.js";

const both: WebmWriterOptions = {
  video: { width: 64, height: 48 },
  audio: { numberOfChannels: 1 },
};

/** In µs: a second later from the second on. */
function arrival(timestamp: number): number {
  return timestamp < 1_000_000 ? timestamp : timestamp + 1_000_000;
}

describe("WebM", () => {
  it("gives back both tracks byte by byte, with their times", async () => {
    const sink = new MemorySink({ seekable: false });
    const writer = new WebmWriter(sink, both);
    const video = vp8Chunks(90);
    const audio = opusChunks(150);
    await interleave(writer, video, audio);
    const summary = await writer.close();
    expect(summary).toEqual({
      videoFrames: 90,
      audioPackets: 150,
      silentPackets: 0,
      droppedFrames: 0,
      duration: 3_000_000,
      fileBytes: sink.bytes.length,
    });
    const read = await demuxed(sink.bytes);
    expect(read.video?.codec).toBe("vp8");
    expect(read.video?.data).toEqual(video.map(({ data }) => data));
    expect(read.video?.types).toEqual(video.map(({ type }) => type));
    expect(read.video?.times).toEqual(video.map(({ timestamp }) => Math.round(timestamp / 1_000)));
    expect(read.audio?.codec).toBe("opus");
    expect(read.audio?.data).toEqual(audio.map(({ data }) => data));
    // Players start after the pre-skip, 312 samples: 6.5 ms.
    const offset = (read.audio?.times[0] ?? 0) - 0;
    expect(read.audio?.times.map((time) => time - offset)).toEqual(
      audio.map(({ timestamp }) => timestamp / 1_000),
    );
    expect(Math.abs(offset)).toBeLessThanOrEqual(7);
  });

  it.each([
    ["video", { video: { width: 64, height: 48 } }],
    ["audio", { audio: {} }],
  ] as const)("holds %s alone", async (kind, options) => {
    const sink = new MemorySink();
    const writer = new WebmWriter(sink, options);
    for (const chunk of kind === "video" ? vp8Chunks(20) : opusChunks(20)) {
      await writer.write(kind, chunk);
    }
    await writer.close();
    const read = await demuxed(sink.bytes);
    expect(read[kind]?.data).toHaveLength(20);
    expect(read[kind === "video" ? "audio" : "video"]).toBeUndefined();
  });

  it("can be played up to where it breaks off", async () => {
    const sink = new MemorySink({ seekable: false });
    const writer = new WebmWriter(sink, both);
    const video = vp8Chunks(180);
    await interleave(writer, video, opusChunks(300));
    // Not closed: the program was killed.
    const read = await demuxed(sink.bytes);
    expect(read.video?.data.length).toBeGreaterThanOrEqual(178);
    expect(read.audio?.data.length).toBeGreaterThanOrEqual(298);
    const half = await demuxed(sink.bytes.subarray(0, Math.floor(sink.bytes.length / 2)));
    expect(half.video?.data.length).toBeGreaterThanOrEqual(60);
    expect(half.video?.data).toEqual(
      video.slice(0, half.video?.data.length).map(({ data }) => data),
    );
  });

  it("starts at its first chunk, and leaves out video before the first key frame", async () => {
    const sink = new MemorySink();
    const writer = new WebmWriter(sink, { video: { width: 64, height: 48 } });
    const [, ...rest] = vp8Chunks(21).map((chunk) => ({
      ...chunk,
      timestamp: chunk.timestamp + 9_000_000,
    }));
    for (const chunk of rest) await writer.write("video", chunk);
    expect(await writer.close()).toMatchObject({ videoFrames: 11, droppedFrames: 9 });
    expect((await demuxed(sink.bytes)).video?.times[0]).toBe(300);
  });

  it("fills missing audio with silence, and goes on with audio that comes back", async () => {
    const sink = new MemorySink();
    const writer = new WebmWriter(sink, { ...both, maxAudioLagMs: 500 });
    const audio = [...opusChunks(50), ...opusChunks(50, 200)];
    await interleave(writer, vp8Chunks(150), audio);
    const summary = await writer.close();
    expect(summary.silentPackets).toBeGreaterThanOrEqual(120);
    expect(summary).toMatchObject({ videoFrames: 150, audioPackets: 100 });
    const read = await demuxed(sink.bytes);
    expect(read.video?.data).toHaveLength(150);
    expect(read.audio?.data).toHaveLength(100 + summary.silentPackets);
    // The packet after the gap is where it was.
    const at = read.audio?.data.findLastIndex((data) => data[1] === 0 && data.length === 6) ?? -1;
    expect(read.audio?.times[at]).toBeGreaterThanOrEqual(3_990);
    expect(read.audio?.times[at]).toBeLessThanOrEqual(4_010);
  });

  it("puts audio that comes late behind the silence in its place, one packet after the other", async () => {
    const sink = new MemorySink();
    const writer = new WebmWriter(sink, { ...both, maxAudioLagMs: 500 });
    // After a second it lags by one more, and arrives with the video of that time.
    const audio = opusChunks(250);
    for (const chunk of vp8Chunks(180)) {
      const now = chunk.timestamp;
      await writer.write("video", chunk);
      while (audio[0] !== undefined && arrival(audio[0].timestamp) <= now) {
        const packet = audio.shift();
        if (packet !== undefined) await writer.write("audio", packet);
      }
    }
    const { silentPackets } = await writer.close();
    expect(silentPackets).toBeGreaterThan(20);
    expect(silentPackets).toBeLessThan(30);
    const { times = [] } = (await demuxed(sink.bytes)).audio ?? {};
    const steps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(new Set(steps)).toEqual(new Set([20]));
  });

  it("writes video whose audio never comes as it goes", async () => {
    const sink = new MemorySink();
    const writer = new WebmWriter(sink, both);
    for (const chunk of vp8Chunks(300)) await writer.write("video", chunk);
    expect((await demuxed(sink.bytes)).video?.data.length).toBeGreaterThan(200);
    await writer.close();
    expect((await demuxed(sink.bytes)).video?.data).toHaveLength(300);
  });

  it("holds maxWaitingBytes of audio for late video, and ends the video at one byte more", async () => {
    const [frame] = vp8Chunks(1);
    if (frame === undefined) throw new Error("no chunk");
    const late = { ...frame, timestamp: 300_000 };
    const results = [];
    for (const maxWaitingBytes of [60, 59]) {
      const sink = new MemorySink();
      const writer = new WebmWriter(sink, { ...both, maxWaitingBytes });
      for (const chunk of opusChunks(10)) await writer.write("audio", chunk);
      await writer.write("video", late);
      const { videoFrames, droppedFrames } = await writer.close();
      const { video, audio } = await demuxed(sink.bytes);
      results.push([videoFrames, droppedFrames, video?.data.length, audio?.data.length]);
    }
    expect(results).toEqual([
      [1, 0, 1, 10],
      [0, 1, undefined, 10],
    ]);
  });

  it("does not count audio that is ahead for a moment again and again", async () => {
    const writer = new WebmWriter(new MemorySink(), { ...both, maxWaitingBytes: 60 });
    const ahead = opusChunks(300).map((chunk) => ({
      ...chunk,
      timestamp: chunk.timestamp + 60_000,
    }));
    const [first, ...rest] = vp8Chunks(180);
    if (first === undefined) throw new Error("no chunk");
    await writer.write("video", first);
    for (const [index, chunk] of rest.entries()) {
      const due = ahead.filter((packet) => Math.floor(packet.timestamp / 33_334) === index + 2);
      for (const packet of due) await writer.write("audio", packet);
      await writer.write("video", chunk);
    }
    expect(await writer.close()).toMatchObject({ videoFrames: 180, droppedFrames: 0 });
  });

  it("passes an error of the sink on unchanged, and ends", async () => {
    const fault = new Error("disk");
    const writer = new WebmWriter({ write: () => Promise.reject(fault) }, { audio: {} });
    const errors = [];
    for (const chunk of opusChunks(3)) {
      errors.push(await rejection(() => writer.write("audio", chunk)));
    }
    expect(errors[0]).toBe(fault);
    expect(errors[2]).toMatchObject({ code: "closed", cause: fault });
    expect(await rejection(() => writer.close())).toBe(fault);
    await writer[Symbol.asyncDispose]();
  });

  it("is a file also without a chunk, closed once", async () => {
    const sink = new MemorySink();
    const writer = new WebmWriter(sink, both);
    expect(writer.close()).toBe(writer.close());
    expect((await writer.close()).duration).toBe(0);
    expect([...sink.bytes.subarray(0, 4)]).toEqual([0x1a, 0x45, 0xdf, 0xa3]);
    const [chunk] = opusChunks(1);
    if (chunk === undefined) throw new Error("no chunk");
    expect(await rejection(() => writer.write("audio", chunk))).toMatchObject({ code: "closed" });
  });

  it("refuses what it has no track for, and chunks without bytes", async () => {
    const writer = new WebmWriter(new MemorySink(), { audio: {} });
    const [chunk] = opusChunks(1);
    if (chunk === undefined) throw new Error("no chunk");
    const invalid = { code: "invalid_argument" };
    expect(await rejection(() => writer.write("video", chunk))).toMatchObject(invalid);
    const empty = { ...chunk, data: new Uint8Array(0) };
    expect(await rejection(() => writer.write("audio", empty))).toMatchObject(invalid);
    await writer.write("audio", chunk);
    expect((await writer.close()).audioPackets).toBe(1);
  });

  it.each<WebmWriterOptions>([
    {},
    { video: { width: 0, height: 5 } },
    { audio: { numberOfChannels: 3 as 2 } },
    { audio: { preSkipSamples: 65_536 } },
  ])("refuses to write %o", (options) => {
    expect(() => new WebmWriter(new MemorySink(), options)).toThrow(
      expect.objectContaining({ code: "invalid_argument" }),
    );
  });
});
