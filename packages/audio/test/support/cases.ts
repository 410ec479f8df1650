import type { WavContainer, WavFormat } from "../../src/index.js";
import { ascii, chunk, ds64, extension, fmt, riff, u16 } from "./riff.js";
import { fixtureFrames, float, g711, pcm, type Samples } from "./samples.js";

/** A file that must be read, and what must come out. */
export interface ValidCase {
  readonly name: string;
  readonly file: Uint8Array;
  readonly container: WavContainer;
  readonly format: Partial<WavFormat>;
  readonly expected: readonly (readonly number[])[];
  /** What the headers tell. */
  readonly declaredFrames: number | undefined;
  readonly truncated: boolean;
  readonly partialFrameBytes: number;
}

function valid(
  name: string,
  file: Uint8Array,
  samples: Pick<Samples, "expected">,
  more: Partial<ValidCase> = {},
): ValidCase {
  return {
    name,
    file,
    container: "RIFF",
    format: {},
    expected: samples.expected,
    declaredFrames: samples.expected[0]?.length,
    truncated: false,
    partialFrameBytes: 0,
    ...more,
  };
}

function plainPcm(bits: number, channels: number): ValidCase {
  const samples = pcm(bits, { channels });
  const file = riff([chunk("fmt ", fmt({ bits, channels })), chunk("data", samples.bytes)]);
  const name = `pcm-${bits === 8 ? "u" : "s"}${bits}-${channels}ch`;
  const format: Partial<WavFormat> = {
    encoding: "pcm",
    bitsPerSample: bits,
    validBits: bits,
    channels,
  };
  return valid(name, file, samples, { format: { ...format, channelMask: undefined } });
}

function coded(name: string, tag: number, samples: Samples, format: Partial<WavFormat>): ValidCase {
  const bits = format.bitsPerSample ?? 8;
  const channels = samples.expected.length;
  const body = fmt({ tag, bits, channels, more: u16(0) });
  const fact = chunk("fact", [0xe0, 0x01, 0, 0]);
  const file = riff([chunk("fmt ", body), fact, chunk("data", samples.bytes)]);
  return valid(name, file, samples, { format: { ...format, channels } });
}

function extensible(
  name: string,
  tag: number,
  samples: Samples,
  [bits, validBits, mask]: readonly [bits: number, valid: number, mask: number],
): ValidCase {
  const channels = samples.expected.length;
  const body = fmt({ tag: 0xfffe, bits, channels, more: extension(tag, validBits, mask) });
  const file = riff([chunk("fmt ", body), chunk("data", samples.bytes)]);
  const encoding = tag === 1 ? "pcm" : "float";
  return valid(name, file, samples, {
    format: { encoding, bitsPerSample: bits, validBits, channelMask: mask, channels },
  });
}

const stereo = pcm(16, { channels: 2 });
const stereoFmt = chunk("fmt ", fmt({ channels: 2 }));
const data = chunk("data", stereo.bytes);
const list = chunk("LIST", [...ascii("INFOISFT"), 5, 0, 0, 0, ...ascii("tests"), 0]);
// 13 bytes, so that a pad byte is due.
const oddList = [...ascii("INFOICMT"), 1, 0, 0, 0, 65];

function around(name: string, chunks: number[][], more: Partial<ValidCase> = {}): ValidCase {
  return valid(name, riff(chunks), stereo, { format: { channels: 2 }, ...more });
}

function large(name: string, id: "RF64" | "BW64", trailing: number[][]): ValidCase {
  const sizes = { riff: 0, data: stereo.bytes.length, frames: fixtureFrames };
  const unsized = chunk("data", stereo.bytes, { size: 0xffffffff });
  const file = riff([ds64(sizes), stereoFmt, unsized, ...trailing], { id, size: 0xffffffff });
  return valid(name, file, stereo, { container: id });
}

function streamed(name: string, size: number): ValidCase {
  const file = riff([stereoFmt, chunk("data", stereo.bytes, { size })], { size });
  return valid(name, file, stereo, { declaredFrames: undefined });
}

function truncated(): ValidCase {
  const frames = 365;
  const file = riff([stereoFmt, data]).slice(0, 44 + frames * 4);
  const expected = stereo.expected.map((channel) => channel.slice(0, frames));
  return valid(
    "truncated-data",
    file,
    { expected },
    { truncated: true, declaredFrames: fixtureFrames },
  );
}

function bigEndian(): ValidCase {
  const samples = pcm(16, { channels: 2, big: true });
  const body = fmt({ channels: 2, big: true });
  const chunks = [chunk("fmt ", body, { big: true }), chunk("data", samples.bytes, { big: true })];
  const file = riff(chunks, { id: "RIFX", big: true });
  return valid("rifx", file, samples, { container: "RIFX", format: { byteOrder: "big" } });
}

function twelveBits(): ValidCase {
  const samples = pcm(16, { valid: 12 });
  const file = riff([chunk("fmt ", fmt({ bits: 12, align: 2 })), chunk("data", samples.bytes)]);
  return valid("12bit-in-16", file, samples, { format: { bitsPerSample: 16, validBits: 12 } });
}

export const validCases: readonly ValidCase[] = [
  ...[1, 2].flatMap((channels) => [8, 16, 24, 32].map((bits) => plainPcm(bits, channels))),
  coded("float-f32", 3, float(32), { encoding: "float", bitsPerSample: 32 }),
  coded("float-f64", 3, float(64, 2), { encoding: "float", bitsPerSample: 64 }),
  coded("alaw", 6, g711("alaw"), { encoding: "alaw", bitsPerSample: 8 }),
  coded("ulaw", 7, g711("mulaw"), { encoding: "mulaw", bitsPerSample: 8 }),
  extensible("ext-pcm16", 1, stereo, [16, 16, 3]),
  extensible("ext-24in32", 1, pcm(32, { channels: 2, valid: 24 }), [32, 24, 3]),
  extensible("ext-float32", 3, float(32, 2), [32, 32, 3]),
  extensible("ext-6ch-s24", 1, pcm(24, { channels: 6 }), [24, 24, 0x3f]),
  around("list-before-fmt", [list, stereoFmt, data]),
  around("list-mid-odd-padded", [stereoFmt, chunk("LIST", oddList), data]),
  around("odd-chunk-unpadded(broken)", [stereoFmt, chunk("LIST", oddList, { pad: [] }), data]),
  around("junk+bext+trail", [
    chunk(
      "JUNK",
      Array.from({ length: 28 }, () => 0),
    ),
    chunk(
      "bext",
      Array.from({ length: 602 }, () => 0),
    ),
    stereoFmt,
    data,
    list,
  ]),
  around("fmt18", [chunk("fmt ", fmt({ channels: 2, more: u16(0) })), data]),
  // PCM with room for an extension, whose size says nothing sensible: PCM has none, so nobody may look.
  around("fmt40-odd-cb", [
    chunk(
      "fmt ",
      fmt({ channels: 2, more: [...u16(7), ...Array.from({ length: 22 }, () => 0xaa)] }),
    ),
    data,
  ]),
  streamed("stream-size-ffffffff", 0xffffffff),
  streamed("stream-size-0", 0),
  truncated(),
  around("partial-last-frame", [stereoFmt, chunk("data", [...stereo.bytes, 1, 2, 3])], {
    partialFrameBytes: 3,
  }),
  large("rf64", "RF64", []),
  large("bw64", "BW64", []),
  large("rf64+trailing-chunk", "RF64", [list]),
  bigEndian(),
  around("empty-data", [stereoFmt, chunk("data", [])], {
    expected: [[], []],
    declaredFrames: undefined,
  }),
  twelveBits(),
];

/** A file that must be refused, and how. */
export interface BadCase {
  readonly name: string;
  readonly file: Uint8Array;
  readonly code: "invalid_data" | "unsupported";
  readonly byteOffset: number;
  readonly message: RegExp;
}

function bad(
  name: string,
  file: Uint8Array,
  byteOffset: number,
  message: RegExp,
  code: BadCase["code"] = "invalid_data",
): BadCase {
  return { name, file, code, byteOffset, message };
}

const mono = chunk("data", pcm(16).bytes);

export const badCases: readonly BadCase[] = [
  bad("bad-empty-file", new Uint8Array(0), 0, /it is empty/),
  bad("bad-short", Uint8Array.from(ascii("RIFF\x24\0")), 6, /ends after 6 bytes/),
  bad("bad-no-fmt", riff([mono]), 12, /"data" chunk comes without a "fmt " chunk/),
  bad("bad-no-data", riff([chunk("fmt ", fmt())]), 36, /without a "data" chunk/),
  bad("bad-not-wav", Uint8Array.from(ascii("OggS\0\x02 and so on, for a while")), 0, /"OggS"/),
  bad("bad-0ch", riff([chunk("fmt ", fmt({ channels: 0, align: 2 })), mono]), 22, /0 channels/),
  bad("bad-0rate", riff([chunk("fmt ", fmt({ rate: 0 })), mono]), 24, /0 Hz/),
  bad(
    "bad-adpcm-tag",
    riff([chunk("fmt ", fmt({ tag: 2, bits: 4, align: 256, more: u16(32) })), mono]),
    20,
    /0x0002 \(Microsoft ADPCM\) is neither PCM, float, A-law nor mu-law/,
    "unsupported",
  ),
  bad(
    "bad-fmt-size-huge",
    riff([chunk("fmt ", fmt(), { size: 0x7ffffff0 }), mono]),
    16,
    /"fmt " chunk declares 2147483632 bytes/,
  ),
];
