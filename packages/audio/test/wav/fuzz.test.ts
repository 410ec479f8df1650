import { isConicError } from "@conic/domain";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WavParser, type WavEvent } from "../../src/index.js";
import { badCases, validCases } from "../support/cases.js";
import { ascii } from "../support/riff.js";

interface Result {
  readonly events: readonly unknown[];
  readonly error?: { readonly code: string; readonly message: string; readonly details: unknown };
}

/** Everything that the parser says of `file` in such pieces; the bytes of all blocks are joined. */
function parse(file: Uint8Array, pieces: readonly number[], framesPerBlock?: number): Result {
  const parser = new WavParser({ framesPerBlock });
  const events: unknown[] = [];
  const samples: number[] = [];
  const take = (event: WavEvent): void => {
    if (event.type === "data") {
      for (const byte of event.bytes) samples.push(byte);
    } else events.push(event);
  };
  try {
    for (let start = 0, index = 0; start < file.length; index += 1) {
      const size = pieces[index % pieces.length] ?? file.length;
      for (const event of parser.push(file.slice(start, start + size))) take(event);
      start += size;
    }
    for (const event of parser.end()) take(event);
  } catch (error) {
    // Anything else is a fault of the parser and fails the test.
    if (!isConicError(error)) throw error;
    const { code, message, details } = error;
    return { events: [...events, samples], error: { code, message, details } };
  }
  return { events: [...events, samples] };
}

const files = [...validCases, ...badCases].map(({ file }) => file.slice(0, 400));
const header = fc
  .constantFrom("RIFF", "RIFX", "RF64", "BW64")
  .map((id) => [...ascii(id), ...ascii("\0\0\0\0WAVE")]);

/** Anything; anything after a right beginning; and right files with bytes changed and cut. */
const file: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc
    .tuple(
      header,
      fc.array(
        fc.oneof(
          fc
            .constantFrom("fmt ", "data", "ds64", "LIST", "\x10\0\0\0", "\xff\xff\xff\xff")
            .map(ascii),
          fc.array(fc.nat(255), { maxLength: 20 }),
        ),
        { maxLength: 12 },
      ),
    )
    .map(([start, parts]) => Uint8Array.from([...start, ...parts.flat()])),
  fc
    .tuple(
      fc.constantFrom(...files),
      fc.array(fc.tuple(fc.nat(120), fc.nat(255)), { maxLength: 4 }),
      fc.nat(400),
    )
    .map(([original, changes, length]) => {
      const changed = original.slice(0, length);
      for (const [offset, value] of changes) {
        if (offset < changed.length) changed[offset] = value;
      }
      return changed;
    }),
);
const pieces = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 });

describe("any bytes", () => {
  it("give samples or a ConicError that says where, and never more bytes than went in", () => {
    fc.assert(
      fc.property(file, (bytes) => {
        const { events, error } = parse(bytes, [bytes.length]);
        expect(events.flat().length).toBeLessThanOrEqual(bytes.length + 2);
        if (error === undefined) return;
        expect(["invalid_data", "unsupported"]).toContain(error.code);
        const { byteOffset } = error.details as { byteOffset: number };
        expect(byteOffset).toBeGreaterThanOrEqual(0);
        expect(byteOffset).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 3000 },
    );
  });

  it("give the same in whatever pieces they come", () => {
    fc.assert(
      fc.property(file, pieces, (bytes, sizes) => {
        expect(parse(bytes, sizes)).toEqual(parse(bytes, [bytes.length]));
      }),
      { numRuns: 2000 },
    );
  });

  it("give the same samples in blocks of any size", () => {
    fc.assert(
      fc.property(file, pieces, fc.integer({ min: 1, max: 50 }), (bytes, sizes, frames) => {
        expect(parse(bytes, sizes, frames)).toEqual(parse(bytes, [bytes.length]));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("a parser", () => {
  it("repeats its error, whatever comes", () => {
    const parser = new WavParser();
    const push = (): unknown => parser.push(Uint8Array.from(ascii("not a wav file")));
    expect(push).toThrow(/begins with "not "/);
    expect(push).toThrow(/begins with "not "/);
    expect(() => parser.end()).toThrow(/begins with "not "/);
  });

  it("ignores what comes after the samples", () => {
    const parser = new WavParser();
    const [first] = validCases;
    expect(parser.push(first?.file ?? new Uint8Array()).map(({ type }) => type)).toEqual([
      "format",
      "data",
      "end",
    ]);
    expect(parser.done).toBe(true);
    expect(parser.push(Uint8Array.from([1, 2, 3]))).toEqual([]);
    expect(parser.end()).toEqual([]);
  });
});
