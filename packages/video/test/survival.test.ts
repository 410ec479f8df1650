import { createVp8Codec } from "@conic/codec-vp8";
import type { EncodedChunk } from "@conic/domain";
import { collectAll } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import {
  countedPattern,
  IvfWriter,
  parseVp8Header,
  readFrameCounter,
  readIvf,
} from "../src/index.js";
import { MemorySink } from "./support/files.js";

describe("the counted pattern in VP8", () => {
  it("is read back from every frame at 300 kb/s and 640x480, through an IVF file", async () => {
    const codec = createVp8Codec();
    const pattern = countedPattern();
    const { width, height, framerate } = pattern;
    await using encoder = await codec.createEncoder({ width, height, framerate, bitrate: 300_000 });
    const sink = new MemorySink();
    const writer = new IvfWriter(sink, { width, height, framerate });
    const first = 99_970;
    const count = 90;
    for (let n = 0; n < count; n += 1) {
      const chunk = await encoder.encode(pattern.frameAt(first + n));
      if (chunk !== undefined) await writer.write(chunk);
    }
    const { fileBytes, frames } = await writer.close();
    expect(frames).toBe(count);
    // Three seconds; the first frame takes more than its share.
    expect(fileBytes * 8).toBeLessThan(300_000 * 3 * 1.3);

    await using decoder = await codec.createDecoder();
    const chunks: EncodedChunk[] = await collectAll((await readIvf(sink.bytes)).frames());
    expect(parseVp8Header(chunks[0]?.data ?? new Uint8Array(0))).toMatchObject({ width, height });
    const numbers = [];
    for (const chunk of chunks) {
      const frame = await decoder.decode(chunk);
      numbers.push(frame === undefined ? undefined : readFrameCounter(frame));
    }
    expect(numbers).toEqual(Array.from({ length: count }, (_, n) => first + n));
  });
});
