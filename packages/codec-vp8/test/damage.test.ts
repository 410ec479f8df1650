import { seededRandom } from "@conic/internal-testing";
import type { EncodedChunk } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { createVp8Codec } from "../src/index.js";
import {
  decodeAll,
  encodeAll,
  lumaOf,
  picture,
  present,
  psnrOf,
  rejection,
} from "./support/pictures.js";
import { watchWorkers } from "./support/workers.js";

watchWorkers();

const size = { width: 160, height: 120 };

/** How decoding ends: "frame", "nothing" or a code. */
async function outcome(run: () => Promise<unknown>): Promise<unknown> {
  try {
    return (await run()) === undefined ? "nothing" : "frame";
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

describe.each(["libav", "webp"] as const)("the decoder of %s", (implementation) => {
  const codec = createVp8Codec({ implementation });

  it("survives 500 damaged chunks with errors only, then decodes a key frame", async () => {
    const random = seededRandom(0x5eed);
    const below = (limit: number): number => Math.floor(random() * limit);
    const source = createVp8Codec({ implementation: "libav" });
    await using encoder = await source.createEncoder(size);
    await using decoder = await codec.createDecoder();
    const chunks = await encodeAll(encoder, 20, { keys: [10] });
    const outcomes = new Set<unknown>();
    for (let round = 0; round < 500; round += 1) {
      const chunk = present(chunks[round % 20]);
      // A third is whole, so that there is something to build on; of a third the end is missing.
      const length = round % 3 === 0 ? below(chunk.data.length + 1) : chunk.data.length;
      const data = chunk.data.slice(0, length);
      for (let change = round % 3 === 1 ? 0 : below(9); change > 0; change -= 1) {
        data[below(length)] = below(256);
      }
      outcomes.add(await outcome(() => decoder.decode({ ...chunk, data })));
    }
    // Both happen, and nothing else: "nothing" is a frame that the damage hid.
    outcomes.delete("nothing");
    expect(outcomes).toEqual(new Set(["frame", "invalid_data"]));
    const [frame] = await decodeAll(decoder, await encodeAll(encoder, 1, { keys: [0] }));
    expect(psnrOf(lumaOf(present(frame)), lumaOf(picture(160, 120, 0)))).toBeGreaterThan(35);
  });

  it("needs a key frame first, and again after a fault", async () => {
    await using encoder = await createVp8Codec({ implementation: "libav" }).createEncoder(size);
    await using decoder = await codec.createDecoder();
    const chunks = await encodeAll(encoder, 6, { keys: [4] });
    const at = (n: number): EncodedChunk => present(chunks[n]);
    const results = [];
    const empty = { ...at(0), data: new Uint8Array(0) };
    for (const chunk of [at(1), at(0), at(1), empty, at(2), at(3), at(4), at(5)]) {
      results.push(await outcome(() => decoder.decode(chunk)));
    }
    const bad = "invalid_data";
    expect(results).toEqual([bad, "frame", "frame", bad, bad, bad, "frame", "frame"]);
  });

  it("takes no memory for a picture of 4,097 pixels that is not there", async () => {
    await using decoder = await codec.createDecoder();
    const data = new Uint8Array(30);
    data.set([0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x01, 0x10, 0x01, 0x10]);
    const chunk = { type: "key", timestamp: 0, duration: 0, data } as const;
    const error = await rejection(() => decoder.decode(chunk));
    expect(error).toMatchObject({ code: "invalid_data" });
    expect(String(error)).toContain("4097x4097");
  });

  it("gives nothing for a frame that is not to be shown", async () => {
    await using encoder = await createVp8Codec({ implementation: "libav" }).createEncoder(size);
    await using decoder = await codec.createDecoder();
    const [key, hidden, next] = await encodeAll(encoder, 3);
    const data = present(hidden).data.slice();
    // The bit show_frame of RFC 6386 section 9.1.
    data[0] = (data[0] ?? 0) & ~0x10;
    const results = [];
    for (const chunk of [present(key), { ...present(hidden), data }, present(next)]) {
      results.push(await outcome(() => decoder.decode(chunk)));
    }
    expect(results).toEqual(["frame", "nothing", "frame"]);
  });
});
