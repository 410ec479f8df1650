import type { WavFormat } from "../wav/format.js";

/**
 * Samples as they are stored, interleaved. PCM of 8 bits and the G.711 codes are bytes (PCM: 128 is silence), 16
 * bits are Int16Array, 24 and 32 bits Int32Array (24 bits: -8388608 to 8388607), floats their own type.
 */
export type RawSamples = Uint8Array | Int16Array | Int32Array | Float32Array | Float64Array;

const hostIsLittle = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The stored samples of `bytes`: a view of them if their order and alignment are the host's, else a copy. */
export function rawSamples(bytes: Uint8Array, format: WavFormat): RawSamples {
  const { encoding, bitsPerSample: bits } = format;
  if (bits === 8) return bytes;
  if (bits === 16) return int16Samples(bytes, format.byteOrder);
  if (bits === 24) return int24Samples(bytes, format.byteOrder === "little");
  const [buffer, offset] = inHostOrder(bytes, bits / 8, format.byteOrder);
  const length = bytes.length / (bits / 8);
  if (bits === 64) return new Float64Array(buffer, offset, length);
  if (encoding === "float") return new Float32Array(buffer, offset, length);
  return new Int32Array(buffer, offset, length);
}

export function int16Samples(bytes: Uint8Array, byteOrder: WavFormat["byteOrder"]): Int16Array {
  const [buffer, offset] = inHostOrder(bytes, 2, byteOrder);
  return new Int16Array(buffer, offset, bytes.length / 2);
}

function int24Samples(bytes: Uint8Array, little: boolean): Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const samples = new Int32Array(bytes.length / 3);
  for (let i = 0, p = 0; i < samples.length; i += 1, p += 3) {
    samples[i] =
      (view.getInt8(p + (little ? 2 : 0)) << 16) | view.getUint16(p + (little ? 0 : 1), little);
  }
  return samples;
}

function inHostOrder(
  bytes: Uint8Array,
  width: number,
  byteOrder: WavFormat["byteOrder"],
): [buffer: ArrayBufferLike, offset: number] {
  const sameOrder = (byteOrder === "little") === hostIsLittle;
  if (sameOrder && bytes.byteOffset % width === 0) return [bytes.buffer, bytes.byteOffset];
  const copy = Uint8Array.from(bytes);
  if (sameOrder) return [copy.buffer, 0];
  for (let start = 0; start < copy.length; start += width) {
    copy.subarray(start, start + width).reverse();
  }
  return [copy.buffer, 0];
}
