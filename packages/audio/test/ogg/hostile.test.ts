import { isConicError, type ConicError } from "@conic/domain";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readOggOpus } from "../../src/index.js";
import { bos, concat, eos, head, headers, page, tags, uint32 } from "../support/ogg.js";

interface Outcome {
  readonly packets: number;
  readonly error: unknown;
}

async function read(source: Uint8Array | Iterable<Uint8Array>): Promise<Outcome> {
  let packets = 0;
  try {
    for await (const chunk of await readOggOpus(source)) packets += chunk.data.length > 0 ? 1 : 0;
    return { packets, error: undefined };
  } catch (error) {
    return { packets, error };
  }
}

function errorOf({ error }: Outcome): ConicError {
  if (isConicError(error)) return error;
  throw new Error(`no ConicError: ${String(error)}`);
}

/** Undefined for a file that is all right. */
function codeOf({ error }: Outcome): string | undefined {
  if (error === undefined || !isConicError(error)) return error === undefined ? undefined : "other";
  // These would say that the demuxer doubts what the guard let through.
  return /taken apart|packets are missing/.test(error.message) ? "other" : error.code;
}

const packet = new Uint8Array(40).fill(0xf8);
const audio = (sequence: number, flags = 0): Uint8Array =>
  page({ packets: [packet, packet], granule: BigInt((sequence - 1) * 1_920), sequence, flags });
const good = concat(headers(), audio(2), audio(3), audio(4, eos));

describe("a file that is cut off", () => {
  it("gives the packets of its whole pages, then says where it ends", async () => {
    const starts: number[] = [];
    for (const part of [headers(), audio(2), audio(3), audio(4)]) {
      starts.push((starts.at(-1) ?? 0) + part.length);
    }
    for (let length = 0; length < good.length; length += 1) {
      const outcome = await read(good.subarray(0, length));
      const pages = starts.filter((start) => start <= length).length;
      expect(outcome.packets).toBe(Math.max(0, pages - 1) * 2);
      // Between two pages nobody can tell that more should come.
      const whole = starts.includes(length);
      expect(codeOf(outcome)).toBe(whole ? undefined : "invalid_data");
      const offset = isConicError(outcome.error) ? outcome.error.details["byteOffset"] : length;
      expect(offset).toBe(length);
    }
  });

  it("in the middle of a packet is found out, too", async () => {
    const open = page({
      packets: [packet, new Uint8Array(255).fill(0xf8)],
      lacing: [40, 255],
      granule: 960n,
      sequence: 2,
    });
    const file = concat(headers(), open);
    const outcome = await read(file);
    expect(outcome.packets).toBe(1);
    expect(errorOf(outcome)).toMatchObject({
      code: "invalid_data",
      details: { byteOffset: file.length },
    });
  });
});

const headPage = page({ packets: [head()], flags: bos });
const tagsPage = page({ packets: [tags()], sequence: 1 });
const start = headers().length;

/** A tag header whose lengths do not fit. */
const brokenTags = (...parts: readonly Uint8Array[]): Uint8Array =>
  concat(
    headPage,
    page({ packets: [concat(new TextEncoder().encode("OpusTags"), ...parts)], sequence: 1 }),
  );

const cases: readonly [string, Uint8Array, string, number, number][] = [
  [
    "an empty packet",
    concat(headers(), page({ packets: [packet], lacing: [40, 0], granule: 960n, sequence: 2 })),
    "invalid_data",
    start + 29 + 40,
    0,
  ],
  ["nothing", new Uint8Array(0), "invalid_data", 0, 0],
  ["a WAV file", new TextEncoder().encode("RIFF....WAVEfmt "), "invalid_data", 0, 0],
  [
    "another version of Ogg",
    page({ packets: [head()], flags: bos, version: 1 }),
    "invalid_data",
    4,
    0,
  ],
  [
    "no Opus in it",
    concat(page({ packets: [packet], flags: bos }), page({ sequence: 1 })),
    "unsupported",
    68,
    0,
  ],
  ["a start in the middle", audio(2), "unsupported", 0, 0],
  [
    "a short OpusHead",
    page({ packets: [head().subarray(0, 18)], flags: bos }),
    "invalid_data",
    0,
    0,
  ],
  ["0 channels", page({ packets: [head(0)], flags: bos }), "invalid_data", 0, 0],
  [
    "3 channels",
    page({ packets: [head(3, 0, [1, 2, 1, 0, 1, 2])], flags: bos }),
    "unsupported",
    0,
    0,
  ],
  ["2 streams", page({ packets: [head(2, 0, [1, 2, 0, 0, 1])], flags: bos }), "unsupported", 0, 0],
  [
    "audio in the page of OpusHead",
    page({ packets: [head(), packet], flags: bos }),
    "invalid_data",
    0,
    0,
  ],
  [
    "audio in place of tags",
    concat(headPage, page({ packets: [packet], sequence: 1 })),
    "invalid_data",
    headPage.length,
    0,
  ],
  [
    "audio in the page of the tags",
    concat(headPage, page({ packets: [tags(), packet], sequence: 1 })),
    "invalid_data",
    headPage.length,
    0,
  ],
  ["a vendor without end", brokenTags(uint32(0xffffffff)), "invalid_data", headPage.length, 0],
  ["tags without number", brokenTags(uint32(0)), "invalid_data", headPage.length, 0],
  [
    "four billion tags",
    brokenTags(uint32(0), uint32(0xffffffff)),
    "invalid_data",
    headPage.length,
    0,
  ],
  [
    "a tag without end",
    brokenTags(uint32(0), uint32(1), uint32(9)),
    "invalid_data",
    headPage.length,
    0,
  ],
  [
    "garbage after a page",
    concat(headers(), audio(2), Uint8Array.of(0)),
    "invalid_data",
    start + audio(2).length,
    2,
  ],
  [
    "a missing page",
    concat(headers(), audio(2), audio(4)),
    "invalid_data",
    start + audio(2).length,
    2,
  ],
  [
    "a page twice",
    concat(headers(), audio(2), audio(2)),
    "invalid_data",
    start + audio(2).length,
    2,
  ],
  [
    "two beginnings",
    concat(headPage, page({ packets: [head()], flags: bos, sequence: 1 })),
    "invalid_data",
    headPage.length,
    0,
  ],
  [
    "pages after the last",
    concat(headers(), audio(2, eos), audio(3)),
    "invalid_data",
    start + audio(2).length,
    2,
  ],
  [
    "another stream after the last page",
    concat(headers(), audio(2, eos), page({ packets: [head()], flags: bos, serial: 8 })),
    "unsupported",
    start + audio(2).length,
    2,
  ],
  ["a continuation of nothing", concat(headers(), audio(2, 1)), "invalid_data", start, 0],
  [
    "a packet without frames",
    concat(headers(), page({ packets: [Uint8Array.of(3, 0)], granule: 960n, sequence: 2 })),
    "invalid_data",
    start + 28,
    0,
  ],
];

describe("a file that is wrong", () => {
  it.each(cases)("is refused: %s", async (_, file, code, byteOffset, packets) => {
    const outcome = await read(file);
    expect(errorOf(outcome)).toMatchObject({ code, details: { byteOffset } });
    expect(outcome.packets).toBe(packets);
  });

  it("is refused when time goes back", async () => {
    const back = page({ packets: [packet], granule: 959n, sequence: 3 });
    const first = page({ packets: [packet], granule: 960n, sequence: 2 });
    const outcome = await read(concat(headers(), first, back));
    expect(errorOf(outcome).message).toContain("time");
    expect(outcome.packets).toBe(1);
  });

  it("is refused when a single bit is", async () => {
    const bits = fc.nat({ max: good.length * 8 - 1 });
    const property = fc.asyncProperty(bits, async (bit) => {
      const file = good.slice();
      file[bit >> 3] = (file[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(["invalid_data", "unsupported"]).toContain(errorOf(await read(file)).code);
    });
    await fc.assert(property, { numRuns: 500 });
  });

  it("never throws anything else, whatever the pages say", async () => {
    const lacing = fc.array(fc.constantFrom(0, 1, 40, 254, 255), { maxLength: 12 });
    const anyPage = fc
      .record({
        lacing,
        flags: fc.constantFrom(0, 0, 0, 1, 2, 4, 7),
        granule: fc.constantFrom(-1n, 0n, 960n, 2n ** 62n, -(2n ** 62n)),
        serial: fc.constantFrom(7, 7, 7, 8),
        fill: fc.constantFrom(0x00, 0x03, 0xf8, 0xff),
        step: fc.constantFrom(1, 1, 1, 1, 0, 2),
      })
      .map(({ fill, ...init }) => ({
        ...init,
        packets: [new Uint8Array(init.lacing.reduce<number>((sum, n) => sum + n, 0)).fill(fill)],
      }));
    const codes = new Map<string | undefined, number>();
    const property = fc.asyncProperty(fc.array(anyPage, { maxLength: 8 }), async (pages) => {
      let sequence = 1;
      const parts = pages.map(({ step, ...init }) => {
        if (init.serial === 7) sequence += step;
        return page({ ...init, sequence });
      });
      const code = codeOf(await read(concat(headers(), ...parts)));
      codes.set(code, (codes.get(code) ?? 0) + 1);
      expect([undefined, "invalid_data", "unsupported"]).toContain(code);
    });
    await fc.assert(property, { numRuns: 1_000 });
    expect(codes.get(undefined)).toBeGreaterThan(50);
  });

  it("never throws anything else for any bytes after a start that is right", async () => {
    const property = fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      for (const prefix of [new Uint8Array(0), headPage, concat(headPage, tagsPage)]) {
        const code = codeOf(await read(concat(prefix, bytes)));
        expect([undefined, "invalid_data"]).toContain(code);
      }
    });
    await fc.assert(property, { numRuns: 300 });
  });
});

describe("a file without end", () => {
  it("cannot grow a packet: it is refused at 61,441 bytes", async () => {
    let pages = 0;
    function* endless(): Generator<Uint8Array> {
      yield headers();
      for (let sequence = 2; ; sequence += 1) {
        pages += 1;
        const lacing = Array.from({ length: 10 }, () => 255);
        const flags = sequence === 2 ? 0 : 1;
        yield page({ packets: [new Uint8Array(2_550)], lacing, flags, granule: -1n, sequence });
      }
    }
    expect(errorOf(await read(endless())).message).toContain("61440 bytes");
    expect(pages).toBeLessThan(30);
  });

  it("cannot grow the tags", async () => {
    let pages = 0;
    const lacing = Array.from({ length: 255 }, () => 255);
    const body = new Uint8Array(255 * 255);
    function* endless(): Generator<Uint8Array> {
      yield headPage;
      for (let sequence = 1; ; sequence += 1) {
        pages += 1;
        const flags = sequence === 1 ? 0 : 1;
        yield page({ packets: [body], lacing, flags, granule: -1n, sequence });
      }
    }
    await expect(readOggOpus(endless(), { maxTagsBytes: 1_000_000 })).rejects.toMatchObject({
      code: "too_large",
    });
    expect(pages).toBe(16);
  });
});
