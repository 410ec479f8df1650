import { isConicError } from "@conic/domain";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IvfWriter, readIvf, readY4m } from "../src/index.js";
import { cut, MemorySink, vp8Chunks, y4mFile } from "./support/files.js";

/** How reading ends: the code of the error, or "end". */
async function ending(open: () => Promise<{ frames(): AsyncIterable<unknown> }>): Promise<string> {
  try {
    for await (const _ of (await open()).frames());
    return "end";
  } catch (error) {
    if (!isConicError(error) || error.details["byteOffset"] === undefined) throw error;
    return error.code;
  }
}

const expected = ["end", "invalid_data", "unsupported"];

/** Some bytes changed, some cut off at the end. */
const damage = fc.record({
  changes: fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 6 }),
  length: fc.nat(400),
  piece: fc.integer({ min: 1, max: 300 }),
});

describe("damaged files", () => {
  it("of IVF end in invalid_data or unsupported, and nothing else", async () => {
    const sink = new MemorySink();
    const writer = new IvfWriter(sink, { width: 64, height: 48 });
    for (const chunk of vp8Chunks(6)) await writer.write(chunk);
    await writer.close();
    await fc.assert(
      fc.asyncProperty(damage, async ({ changes, length, piece }) => {
        const file = sink.bytes.slice(0, length);
        for (const [at, value] of changes) if (at < file.length) file[at] = value;
        expect(expected).toContain(await ending(() => readIvf(cut(file, piece))));
      }),
      { numRuns: 300 },
    );
  });

  it("of Y4M end in invalid_data or unsupported, and nothing else", async () => {
    await fc.assert(
      fc.asyncProperty(damage, async ({ changes, length, piece }) => {
        const file = y4mFile(8, 6, 4).slice(0, length);
        for (const [at, value] of changes) if (at < file.length) file[at] = value;
        const options = { maxFrameBytes: 100_000 };
        expect(expected).toContain(await ending(() => readY4m(cut(file, piece), options)));
      }),
      { numRuns: 300 },
    );
  });
});
