import { describe, expect, it } from "vitest";
import { decodeWav } from "../../src/index.js";
import { ascii, chunk, ds64, extension, fmt, riff, u16, u32 } from "../support/riff.js";
import { pcm } from "../support/samples.js";

const { bytes, expected } = pcm(16);
const fmtChunk = chunk("fmt ", fmt());
const data = chunk("data", bytes);
const firstChannel = (file: Uint8Array): number[] => [...(decodeWav(file).channelData[0] ?? [])];

describe("what real files do", () => {
  it("pads an odd chunk with something other than zero", () => {
    const odd = chunk("LIST", [1, 2, 3], { pad: ascii("X") });
    expect(firstChannel(riff([odd, fmtChunk, odd, data]))).toEqual(expected[0]);
  });

  it("leaves out the pad byte of an unknown chunk, before another unknown one", () => {
    const unpadded = chunk("abcd", [1, 2, 3], { pad: [] });
    const unknown = chunk("wxyz", [1, 2, 3, 4]);
    expect(firstChannel(riff([unpadded, unknown, fmtChunk, data]))).toEqual(expected[0]);
  });

  it("has an odd fmt chunk", () => {
    const odd = chunk("fmt ", [...fmt(), 0]);
    expect(firstChannel(riff([odd, data]))).toEqual(expected[0]);
  });

  it("has a second fmt chunk, of which the first one counts", () => {
    const second = chunk("fmt ", fmt({ channels: 2, bits: 8 }));
    expect(firstChannel(riff([fmtChunk, second, data]))).toEqual(expected[0]);
  });

  it("leaves the valid bits of an extensible format 0", () => {
    const body = fmt({ tag: 0xfffe, more: extension(1, 0, 4) });
    const { info } = decodeWav(riff([chunk("fmt ", body), data]));
    expect(info.format).toMatchObject({ bitsPerSample: 16, validBits: 16, channelMask: 4 });
  });

  it.each([
    ["big endian like the rest", true],
    ["little endian but for the tag, as SoX does", false],
  ])("keeps the GUID of a big-endian extensible format in %s", (_, bigGuid) => {
    const big = pcm(24, { big: true, channels: 3 });
    const proper = extension(1, 24, 7, true);
    const sox = [...proper.slice(0, 8), ...u16(1, true), ...extension(1, 24, 7).slice(10)];
    const more = bigGuid ? proper : sox;
    const body = fmt({ tag: 0xfffe, bits: 24, channels: 3, big: true, more });
    const chunks = [chunk("fmt ", body, { big: true }), chunk("data", big.bytes, { big: true })];
    const { channelData } = decodeWav(riff(chunks, { id: "RIFX", big: true }));
    expect(channelData.map((channel) => [...channel])).toEqual(big.expected);
  });

  it("was stopped before the sizes were filled in, with a RIFF size of the header alone", () => {
    const file = riff([fmtChunk, chunk("data", bytes, { size: 0 })], { size: 36 });
    expect(firstChannel(file)).toEqual(expected[0]);
  });

  it("has no samples, and something after them", () => {
    const file = riff([fmtChunk, chunk("data", []), chunk("LIST", [1, 2, 3, 4])]);
    expect(decodeWav(file)).toMatchObject({ info: { frames: 0 }, summary: { frames: 0 } });
  });

  it("says RF64 but fits into 32 bits, so that the data chunk has its own size", () => {
    const sizes = { riff: 0, data: 0, frames: 0 };
    const chunks = [ds64(sizes), fmtChunk, data, chunk("LIST", [1, 2, 3, 4])];
    expect(firstChannel(riff(chunks, { id: "RF64" }))).toEqual(expected[0]);
  });

  it("has a chunk before the samples whose size is in the ds64 table", () => {
    const sizes = { riff: 0, data: bytes.length, frames: 0 };
    const large = chunk(
      "axml",
      Array.from({ length: 10 }, () => 0),
      { size: 0xffffffff },
    );
    const samples = chunk("data", bytes, { size: 0xffffffff });
    const table = [{ id: "axml", size: 10 }];
    const file = riff([ds64(sizes, table), large, fmtChunk, samples], { id: "BW64" });
    expect(firstChannel(file)).toEqual(expected[0]);
  });

  it("was stopped as RF64, so that all sizes are unknown", () => {
    const sizes = { riff: 0, data: 0, frames: 0 };
    const samples = chunk("data", bytes, { size: 0xffffffff });
    expect(firstChannel(riff([ds64(sizes), fmtChunk, samples], { id: "RF64" }))).toEqual(
      expected[0],
    );
  });

  it("keeps 20 bits in 3 bytes and 24 bits in 4, without saying more", () => {
    for (const [bits, container] of [
      [20, 24],
      [24, 32],
    ] as const) {
      const samples = pcm(container, { valid: bits });
      const body = fmt({ bits, align: container / 8 });
      const { info, channelData } = decodeWav(
        riff([chunk("fmt ", body), chunk("data", samples.bytes)]),
      );
      expect(info.format).toMatchObject({ bitsPerSample: container, validBits: bits });
      expect([...(channelData[0] ?? [])]).toEqual(samples.expected[0]);
    }
  });

  it("declares a data chunk of 4 GiB less one byte, and is cut", () => {
    const file = Uint8Array.from([
      ...riff([fmtChunk]),
      ...ascii("data"),
      ...u32(0xfffffffe),
      ...u16(5),
    ]);
    expect(decodeWav(file).summary).toEqual({
      frames: 1,
      dataBytes: 2,
      partialFrameBytes: 0,
      truncated: true,
    });
  });
});
