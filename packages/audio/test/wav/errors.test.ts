import { isConicError } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { decodeWav } from "../../src/index.js";
import { ascii, chunk, ds64, extension, fmt, riff, u16, u32 } from "../support/riff.js";
import { pcm } from "../support/samples.js";
import { outcome } from "../support/read.js";

const data = chunk("data", pcm(16).bytes);
const withFmt = (body: readonly number[], size?: number): Uint8Array =>
  riff([chunk("fmt ", body, size === undefined ? {} : { size }), data]);
const ext = (more: readonly number[], bits = 16): Uint8Array =>
  withFmt(fmt({ tag: 0xfffe, bits, more }));
const sizes = { riff: 0, data: 0, frames: 0 };
const rf64 = (first: number[]): Uint8Array =>
  riff([first, chunk("fmt ", fmt()), data], { id: "RF64" });
const otherGuid = [
  ...u16(22),
  ...u16(16),
  ...u32(0),
  ...u32(1),
  ...Array.from({ length: 12 }, () => 9),
];

// The header takes bytes 0 to 11, the first chunk's id 12 to 15, its size 16 to 19, its body is from 20 on.
const refused: readonly [what: string, file: Uint8Array, byteOffset: number, message: RegExp][] = [
  [
    "another RIFF form",
    Uint8Array.from([...ascii("RIFF"), ...u32(4), ...ascii("AVI ")]),
    8,
    /"AVI "/,
  ],
  ["garbage in 4 bytes", Uint8Array.from([0, 1, 2, 0xff]), 0, /"\\x00\\x01\\x02\\xff"/],
  [
    "a header cut in the form",
    Uint8Array.from([...ascii("RIFF"), ...u32(4), ...ascii("WAV")]),
    11,
    /ends after 11/,
  ],
  ["nothing after the header", riff([]), 12, /without a "fmt " chunk/],
  ["a cut chunk header", riff([ascii("fmt ")]), 16, /without a "fmt " chunk/],
  ["a fmt chunk of 15 bytes", riff([chunk("fmt ", fmt().slice(1)), data]), 16, /declares 15 bytes/],
  [
    "a fmt chunk that the file ends in",
    riff([chunk("fmt ", fmt(), { size: 30 })]),
    16,
    /ends after 16 of them/,
  ],
  [
    "a skipped chunk beyond the end",
    riff([chunk("fmt ", fmt()), chunk("LIST", [1, 2, 3, 4], { size: 99 })]),
    40,
    /"LIST" chunk declares 99 bytes, but the file ends after 4/,
  ],
  ["data before fmt", riff([data, chunk("fmt ", fmt())]), 12, /without a "fmt " chunk before it/],
  ["0 bits", withFmt(fmt({ bits: 0, align: 2 })), 34, /0 bits/],
  [
    "a block alignment of 0",
    withFmt(fmt({ align: 0 })),
    32,
    /0 bytes per sample, which does not fit 16 bits/,
  ],
  [
    "a block alignment too small",
    withFmt(fmt({ channels: 2, align: 2 })),
    32,
    /1 bytes per sample/,
  ],
  [
    "a block alignment between samples",
    withFmt(fmt({ channels: 2, align: 5 })),
    32,
    /2.5 bytes per sample/,
  ],
  [
    "8 bits in 2 bytes, signed or not",
    withFmt(fmt({ bits: 8, align: 2 })),
    32,
    /does not fit 8 bits/,
  ],
  ["mu-law of 16 bits", withFmt(fmt({ tag: 7 })), 34, /mulaw samples have 8 bits, not 16/],
  [
    "an extensible fmt chunk without extension",
    withFmt(fmt({ tag: 0xfffe, more: u16(0) })),
    16,
    /at least 40 bytes, this one 18/,
  ],
  ["more valid bits than bits", ext(extension(1, 17, 3)), 38, /17 valid bits do not fit into 16/],
  [
    "a ds64 chunk of 24 bytes",
    rf64(
      chunk(
        "ds64",
        Array.from({ length: 24 }, () => 0),
      ),
    ),
    16,
    /at least 28 bytes/,
  ],
  [
    "a ds64 table that does not fit",
    rf64(chunk("ds64", [...Array.from({ length: 24 }, () => 0), ...u32(1)])),
    44,
    /table of 1 entries/,
  ],
];

const unsupported: typeof refused = [
  ["an unknown format tag", withFmt(fmt({ tag: 0x1234 })), 20, /format 0x1234 is neither/],
  ["MP3 in WAV", withFmt(fmt({ tag: 0x55 })), 20, /0x0055 \(MP3\)/],
  ["an extensible sub-format that is ADPCM", ext(extension(2, 16, 3)), 44, /Microsoft ADPCM/],
  ["an extensible sub-format of somebody else", ext(otherGuid), 44, /GUID/],
  ["PCM of 40 bits", withFmt(fmt({ bits: 40 })), 34, /40 bits is not supported/],
  ["floats of 16 bits", withFmt(fmt({ tag: 3 })), 34, /floats of 16 bits/],
];

describe("a file that breaks the format", () => {
  it.each(refused)("with %s is invalid_data at the field", (_, file, byteOffset, message) => {
    const error = outcome(() => decodeWav(file));
    expect(isConicError(error, "invalid_data")).toBe(true);
    expect(error).toMatchObject({ details: { byteOffset } });
    expect(String(error)).toMatch(message);
  });
});

describe("a file of a kind that is not read", () => {
  it.each(unsupported)("such as %s is unsupported at the field", (_, file, byteOffset, message) => {
    const error = outcome(() => decodeWav(file));
    expect(isConicError(error, "unsupported")).toBe(true);
    expect(error).toMatchObject({ details: { byteOffset } });
    expect(String(error)).toMatch(message);
  });
});

const withChannels = (count: number): Uint8Array =>
  riff([chunk("fmt ", fmt({ channels: count })), chunk("data", [])]);
const withTable = (count: number): Uint8Array =>
  rf64(
    ds64(
      sizes,
      Array.from({ length: count }, () => ({ id: "none", size: 1 })),
    ),
  );

describe("limits of what is read", () => {
  it("maxChannels: 256 by default, and one more is unsupported", () => {
    expect(decodeWav(withChannels(256)).channelData.length).toBe(256);
    const error = outcome(() => decodeWav(withChannels(257)));
    expect(error).toMatchObject({ code: "unsupported", details: { byteOffset: 22 } });
    expect(decodeWav(withChannels(3), { maxChannels: 3 }).channelData.length).toBe(3);
    expect(outcome(() => decodeWav(withChannels(4), { maxChannels: 3 }))).toMatchObject({
      code: "unsupported",
    });
  });

  it("maxFmtBytes: 65553, and one more is invalid_data", () => {
    const body = [...fmt(), ...Array.from({ length: 65_553 - 16 }, () => 0)];
    const file = (more: number[]): Uint8Array =>
      riff([chunk("fmt ", [...body, ...more]), chunk("data", [1, 0])]);
    expect(decodeWav(file([])).summary.frames).toBe(1);
    expect(outcome(() => decodeWav(file([0])))).toMatchObject({
      code: "invalid_data",
      details: { byteOffset: 16 },
    });
  });

  it("maxDs64Entries: 64, and one more is unsupported", () => {
    expect(decodeWav(withTable(64)).summary.frames).toBe(480);
    expect(outcome(() => decodeWav(withTable(65)))).toMatchObject({
      code: "unsupported",
      details: { byteOffset: 44 },
    });
  });
});
