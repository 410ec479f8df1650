import { describe, expect, it } from "vitest";
import { WavParser, type WavInfo } from "../../src/index.js";
import { defaultMaxRiffBytes, encodeHeader } from "../../src/wav/write/header.js";
import { resolveSpec, type WavSpec } from "../../src/wav/write/spec.js";
import { ascii, chunk, ds64, extension, fmt, u16, u32 } from "../support/riff.js";

function header(
  spec: Partial<WavSpec>,
  dataBytes: number | undefined,
  reserve = false,
): Uint8Array {
  const format = resolveSpec({ channels: 2, sampleRate: 48_000, ...spec });
  return encodeHeader(format, { dataBytes, reserve, maxRiffBytes: defaultMaxRiffBytes }).bytes;
}

function infoOf(bytes: Uint8Array): WavInfo | undefined {
  const [event] = new WavParser().push(bytes);
  return event?.type === "format" ? event.info : undefined;
}

const riffOf = (size: number, chunks: number[][], dataSize: number): number[] => [
  ...ascii("RIFF"),
  ...u32(size),
  ...ascii("WAVE"),
  ...chunks.flat(),
  ...ascii("data"),
  ...u32(dataSize),
];

describe("the header of a file", () => {
  it("is the canonical 44 bytes for 16-bit stereo", () => {
    const expected = riffOf(36 + 400, [chunk("fmt ", fmt({ channels: 2 }))], 400);
    expect([...header({}, 400)]).toEqual(expected);
  });

  it("has a fact chunk and an empty extension for anything but PCM", () => {
    const body = fmt({ tag: 3, channels: 2, bits: 32, more: u16(0) });
    const expected = riffOf(50 + 800, [chunk("fmt ", body), chunk("fact", u32(100))], 800);
    expect([...header({ encoding: "float" }, 800)]).toEqual(expected);
  });

  it("is extensible above 16 bits, above 2 channels, and for valid bits and masks", () => {
    const cases: readonly [Partial<WavSpec>, number, number, number][] = [
      [{ bitsPerSample: 24 }, 24, 24, 3],
      [{ bitsPerSample: 32, validBits: 24 }, 32, 24, 3],
      [{ channels: 6 }, 16, 16, 0x3f],
      [{ channels: 8 }, 16, 16, 0x63f],
      [{ channels: 9 }, 16, 16, 0],
      [{ channels: 1, validBits: 12 }, 16, 12, 4],
      [{ channelMask: 0 }, 16, 16, 0],
    ];
    for (const [spec, bits, valid, mask] of cases) {
      const { channels = 2 } = spec;
      const body = fmt({ tag: 0xfffe, bits, channels, more: extension(1, valid, mask) });
      const expected = riffOf(60 + 144, [chunk("fmt ", body)], 144);
      expect([...header(spec, 144)]).toEqual(expected);
    }
  });

  it("says 0xffffffff three times when nothing is known", () => {
    const body = fmt({ tag: 7, bits: 8, channels: 2, more: u16(0) });
    const unknown = 0xffffffff;
    const expected = riffOf(unknown, [chunk("fmt ", body), chunk("fact", u32(unknown))], unknown);
    expect([...header({ encoding: "mulaw" }, undefined)]).toEqual(expected);
  });

  it("keeps room for a ds64 chunk of the very length", () => {
    expect(header({}, undefined, true).length).toBe(header({}, 2 ** 40, true).length);
    expect(header({}, 400, true).length).toBe(header({}, 2 ** 40).length);
    expect(String.fromCharCode(...header({}, 400, true).slice(12, 16))).toBe("JUNK");
  });
});

describe("the header of a file around 4 GiB", () => {
  // 36 bytes of the RIFF size are headers; the sizes are even.
  const most = 0xfffffffe - 36;

  it("is RIFF up to a RIFF size of 4294967294", () => {
    const bytes = header({}, most);
    expect(bytes.slice(0, 8)).toEqual(Uint8Array.of(...ascii("RIFF"), ...u32(0xfffffffe)));
    expect(infoOf(bytes)).toMatchObject({ container: "RIFF", dataBytes: most });
  });

  it("is RF64 from the next sample on", () => {
    const dataBytes = most + 2;
    const bytes = header({ channels: 1 }, dataBytes);
    const sizes = { riff: dataBytes + 72, data: dataBytes, frames: dataBytes / 2 };
    expect([...bytes]).toEqual([
      ...ascii("RF64"),
      ...u32(0xffffffff),
      ...ascii("WAVE"),
      ...ds64(sizes),
      ...chunk("fmt ", fmt()),
      ...ascii("data"),
      ...u32(0xffffffff),
    ]);
    expect(infoOf(bytes)).toMatchObject({ container: "RF64", dataBytes, frames: dataBytes / 2 });
  });

  it("counts the pad byte", () => {
    const spec = { channels: 1, bitsPerSample: 8 };
    expect(infoOf(header(spec, most - 1))).toMatchObject({ container: "RIFF" });
    expect(infoOf(header(spec, most + 1))).toMatchObject({ container: "RF64" });
  });

  it("holds sizes of terabytes", () => {
    const dataBytes = 5 * 2 ** 40;
    expect(infoOf(header({ encoding: "float" }, dataBytes))).toMatchObject({ dataBytes });
  });
});
