import { extensibleTag, formatTags, subFormatTail } from "../format.js";
import type { SampleEncoding, WavFormat } from "../format.js";
import { invalidData, unsupportedData } from "../../errors.js";
import { bodyOffset, sizeOffset, type Chunk } from "./chunk.js";

/** WAVEFORMATEX with the longest extension that its 16-bit cbSize can name. */
export const maxFmtBytes: number = 18 + 0xffff;
/** WAVEFORMATEXTENSIBLE; what follows it is not looked at. */
export const usedFmtBytes = 40;
const minFmtBytes = 16;

// Offsets of the fields in the chunk's body (mmreg.h).
const at = { tag: 0, channels: 2, rate: 4, align: 12, bits: 14, valid: 18, mask: 20, guid: 24 };

const foreignFormats: Readonly<Record<number, string>> = {
  0x0002: "Microsoft ADPCM",
  0x0011: "IMA ADPCM",
  0x0031: "GSM 06.10",
  0x0040: "G.721 ADPCM",
  0x0050: "MPEG",
  0x0055: "MP3",
  0x0092: "AC-3",
  0x00ff: "AAC",
  0x2000: "AC-3",
  0xf1ac: "FLAC",
};

/** @throws ConicError `invalid_data` for a size that no `fmt ` chunk can have. */
export function checkFmtSize(chunk: Chunk): void {
  if (chunk.size >= minFmtBytes && chunk.size <= maxFmtBytes) return;
  throw invalidData(
    sizeOffset(chunk),
    `the "fmt " chunk declares ${chunk.size} bytes; it has ${minFmtBytes} to ${maxFmtBytes}`,
  );
}

/** Reads the body of a `fmt ` chunk, of which `body` holds the first 40 bytes or all. */
export function parseFmt(
  body: Uint8Array,
  chunk: Chunk,
  byteOrder: WavFormat["byteOrder"],
  maxChannels: number,
): WavFormat {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const start = bodyOffset(chunk);
  const little = byteOrder === "little";
  const extensible = view.getUint16(at.tag, little) === extensibleTag;
  const encoding = readEncoding(view, chunk, little, extensible);
  const channels = view.getUint16(at.channels, little);
  if (channels === 0) throw invalidData(start + at.channels, "the file declares 0 channels");
  if (channels > maxChannels) {
    throw unsupportedData(
      start + at.channels,
      `the file declares ${channels} channels; maxChannels is ${maxChannels}`,
    );
  }
  const sampleRate = view.getUint32(at.rate, little);
  if (sampleRate === 0) throw invalidData(start + at.rate, "the file declares a rate of 0 Hz");
  const bits = view.getUint16(at.bits, little);
  checkBits(encoding, bits, start + at.bits);
  const blockAlign = view.getUint16(at.align, little);
  const sampleBytes = blockAlign / channels;
  checkSampleBytes(encoding, bits, sampleBytes, start + at.align);
  const declared = extensible && encoding === "pcm" ? view.getUint16(at.valid, little) : 0;
  if (declared > bits) {
    throw invalidData(start + at.valid, `${declared} valid bits do not fit into ${bits} bits`);
  }
  return {
    encoding,
    channels,
    sampleRate,
    bitsPerSample: sampleBytes * 8,
    // Some writers leave the field 0 and mean all.
    validBits: declared === 0 ? bits : declared,
    blockAlign,
    channelMask: extensible ? view.getUint32(at.mask, little) : undefined,
    byteOrder,
  };
}

function readEncoding(
  view: DataView,
  chunk: Chunk,
  little: boolean,
  extensible: boolean,
): SampleEncoding {
  const start = bodyOffset(chunk);
  let tag = view.getUint16(at.tag, little);
  let tagOffset = start + at.tag;
  if (extensible) {
    if (chunk.size < usedFmtBytes) {
      throw invalidData(
        sizeOffset(chunk),
        `an extensible "fmt " chunk has at least ${usedFmtBytes} bytes, this one ${chunk.size}`,
      );
    }
    tagOffset = start + at.guid;
    const subTag = subFormatTag(view, little);
    if (subTag === undefined) {
      throw unsupportedData(tagOffset, "the sub-format GUID is not one of a WAVE format");
    }
    tag = subTag;
  }
  for (const encoding of ["pcm", "float", "alaw", "mulaw"] as const) {
    if (formatTags[encoding] === tag) return encoding;
  }
  const hex = `0x${tag.toString(16).padStart(4, "0")}`;
  const name = foreignFormats[tag] === undefined ? hex : `${hex} (${foreignFormats[tag]})`;
  throw unsupportedData(tagOffset, `format ${name} is neither PCM, float, A-law nor mu-law`);
}

/** The format tag in a sub-format GUID; undefined when the GUID is not one of a WAVE format. */
function subFormatTag(view: DataView, little: boolean): number | undefined {
  if (!subFormatTail.every((byte, index) => view.getUint8(at.guid + 8 + index) === byte)) {
    return undefined;
  }
  // Of a GUID only the first three fields have a byte order, and the first holds the tag.
  const data2and3 =
    view.getUint16(at.guid + 4, little) * 0x10000 + view.getUint16(at.guid + 6, little);
  if (data2and3 === 0x0000_0010) return view.getUint32(at.guid, little);
  // SoX writes a 16-bit tag in the order of the file, and the rest of the GUID as in a little-endian one.
  const soxRest = view.getUint16(at.guid + 2) + view.getUint16(at.guid + 4);
  if (soxRest === 0 && view.getUint16(at.guid + 6) === 0x1000)
    return view.getUint16(at.guid, little);
  return undefined;
}

function checkBits(encoding: SampleEncoding, bits: number, offset: number): void {
  if (bits === 0) throw invalidData(offset, "the file declares 0 bits per sample");
  if (encoding === "pcm" && bits > 32) {
    throw unsupportedData(offset, `PCM of ${bits} bits is not supported; at most 32 are`);
  }
  if (encoding === "float" && bits !== 32 && bits !== 64) {
    throw unsupportedData(offset, `floats of ${bits} bits are not supported; 32 and 64 are`);
  }
  if ((encoding === "alaw" || encoding === "mulaw") && bits !== 8) {
    throw invalidData(offset, `${encoding} samples have 8 bits, not ${bits}`);
  }
}

function checkSampleBytes(
  encoding: SampleEncoding,
  bits: number,
  sampleBytes: number,
  offset: number,
): void {
  const least = Math.ceil(bits / 8);
  // Only PCM above 8 bits may be wider than it needs: one byte is unsigned, and more are signed.
  const most = encoding === "pcm" && least > 1 ? 4 : least;
  if (Number.isInteger(sampleBytes) && sampleBytes >= least && sampleBytes <= most) return;
  throw invalidData(
    offset,
    `the block alignment makes ${sampleBytes} bytes per sample, which does not fit ${bits} bits`,
  );
}
