import { createVp8Codec } from "@conic/codec-vp8";
import { collect, watchLeaks } from "@conic/internal-testing";
import { parseVp8Header, readFrameCounter } from "@conic/video";
import { describe, expect, it } from "vitest";
import { openVideoSource } from "../../src/sources/video.js";

const codec = createVp8Codec({ implementation: "libav" });

describe("a pattern through a real encoder", () => {
  it.each([
    ["320x240", undefined],
    ["321x241", 300_000],
  ])("is VP8 whose pictures can be counted: %s", async (size, bitrate) => {
    const noLeaks = watchLeaks();
    const source = await openVideoSource({ size, bitrate }, codec);
    let asked = 0;
    const keyFrameWanted = (): boolean => (asked += 1) === 8;
    const chunks = await collect(source.chunks({ keyFrameWanted }), 12);
    const keys = chunks.map(({ data }) => parseVp8Header(data)?.keyFrame);
    expect(keys.flatMap((isKey, index) => (isKey === true ? [index] : []))).toEqual([0, 7]);
    const decoder = await codec.createDecoder();
    const counters: unknown[] = [];
    for (const chunk of chunks) {
      const frame = await decoder.decode(chunk);
      counters.push(frame && readFrameCounter(frame));
    }
    await decoder.close();
    expect(counters).toEqual(chunks.map((_, index) => index));
    await noLeaks();
  });
});
