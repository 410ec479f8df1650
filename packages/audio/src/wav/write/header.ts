import { extensibleTag, formatTags, subFormatTail, unknownSize32 } from "../format.js";
import type { WavContainer, WavFormat } from "../format.js";

/** The largest RIFF size that is not the mark of an unknown one. */
export const defaultMaxRiffBytes = 0xfffffffe;

const riffHeaderBytes = 12;
const ds64ChunkBytes = 36;
const chunkHeaderBytes = 8;

export interface HeaderOptions {
  /** Bytes of samples; undefined: streamed, not known. */
  readonly dataBytes: number | undefined;
  /** Whether a file that is RIFF keeps room to become RF64 later, as a JUNK chunk (EBU Tech 3306 section 3.5). */
  readonly reserve: boolean;
  /** A larger RIFF size makes the file RF64. */
  readonly maxRiffBytes: number;
}

export interface Header {
  readonly container: WavContainer;
  /** Whether there is a ds64 chunk, or room for one. */
  readonly room: boolean;
  /** Everything before the first sample. */
  readonly bytes: Uint8Array;
}

/** Whether the data chunk of so many bytes is followed by a pad byte. */
export function padBytes(dataBytes: number): number {
  return dataBytes % 2;
}

/** The headers of a little-endian file that ends with its data chunk. */
export function encodeHeader(format: WavFormat, options: HeaderOptions): Header {
  const { dataBytes, reserve, maxRiffBytes } = options;
  const fmt = fmtChunk(format);
  const fact = factBytes(format);
  const small = riffHeaderBytes + fmt.length + fact + chunkHeaderBytes;
  const total = dataBytes === undefined ? 0 : dataBytes + padBytes(dataBytes);
  const room = reserve ? ds64ChunkBytes : 0;
  const is64 = small + room + total - chunkHeaderBytes > maxRiffBytes;
  const bytes = new Uint8Array(small + (is64 ? ds64ChunkBytes : room));
  const riffBytes = bytes.length + total - chunkHeaderBytes;
  const out = new FieldWriter(bytes);
  const frames = dataBytes === undefined ? undefined : dataBytes / format.blockAlign;
  const size32 = (size: number): number => (is64 || dataBytes === undefined ? unknownSize32 : size);
  out
    .id(is64 ? "RF64" : "RIFF")
    .uint32(size32(riffBytes))
    .id("WAVE");
  if (is64) {
    out.id("ds64").uint32(ds64ChunkBytes - chunkHeaderBytes);
    out
      .uint64(riffBytes)
      .uint64(dataBytes ?? 0)
      .uint64(frames ?? 0)
      .uint32(0);
  } else if (reserve) {
    out
      .id("JUNK")
      .uint32(ds64ChunkBytes - chunkHeaderBytes)
      .zeros(ds64ChunkBytes - chunkHeaderBytes);
  }
  out.bytes(fmt);
  if (fact > 0)
    out
      .id("fact")
      .uint32(4)
      .uint32(Math.min(frames ?? unknownSize32, unknownSize32));
  out.id("data").uint32(size32(dataBytes ?? unknownSize32));
  return { container: is64 ? "RF64" : "RIFF", room: is64 || reserve, bytes };
}

/** A fact chunk is required of everything but PCM (RIFF specification, "fact chunk"). */
function factBytes(format: WavFormat): number {
  return format.encoding === "pcm" ? 0 : chunkHeaderBytes + 4;
}

function fmtChunk(format: WavFormat): Uint8Array {
  const { encoding, channels, sampleRate, bitsPerSample, blockAlign, channelMask } = format;
  const tag = formatTags[encoding];
  const extensible = channelMask !== undefined;
  const plain = encoding === "pcm" ? 16 : 18;
  const bytes = new Uint8Array(chunkHeaderBytes + (extensible ? 40 : plain));
  const out = new FieldWriter(bytes);
  out.id("fmt ").uint32(bytes.length - chunkHeaderBytes);
  out.uint16(extensible ? extensibleTag : tag).uint16(channels);
  out
    .uint32(sampleRate)
    .uint32(sampleRate * blockAlign)
    .uint16(blockAlign)
    .uint16(bitsPerSample);
  if (extensible) {
    out.uint16(22).uint16(format.validBits).uint32(channelMask);
    out.uint32(tag).uint16(0x0000).uint16(0x0010).bytes(Uint8Array.from(subFormatTail));
  } else if (encoding !== "pcm") out.uint16(0);
  return bytes;
}

/** Writes little-endian fields one after the other. */
class FieldWriter {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  id(id: string): this {
    for (const char of id) this.#bytes[this.#at++] = char.charCodeAt(0);
    return this;
  }

  uint16(value: number): this {
    this.#view.setUint16(this.#at, value, true);
    this.#at += 2;
    return this;
  }

  uint32(value: number): this {
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
    return this;
  }

  uint64(value: number): this {
    return this.uint32(value % 2 ** 32).uint32(Math.floor(value / 2 ** 32));
  }

  zeros(count: number): this {
    this.#at += count;
    return this;
  }

  bytes(bytes: Uint8Array): this {
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }
}
