import { countFrames, encodeFrames, type FloatFrames } from "./frames.js";
import { defaultMaxRiffBytes, encodeHeader, padBytes } from "./header.js";
import { resolveSpec, type WavSpec } from "./spec.js";

/**
 * A whole WAV file in memory. For files of any size use `WavWriter`.
 * @throws ConicError `invalid_argument` for a format that WAV files cannot have, or samples that do not fit it.
 */
export function encodeWav(samples: FloatFrames, spec: WavSpec): Uint8Array {
  const format = resolveSpec(spec);
  const frames = countFrames(samples, format.channels);
  const dataBytes = frames * format.blockAlign;
  const maxRiffBytes = defaultMaxRiffBytes;
  const header = encodeHeader(format, { dataBytes, reserve: false, maxRiffBytes }).bytes;
  const file = new Uint8Array(header.length + dataBytes + padBytes(dataBytes));
  file.set(header);
  encodeFrames(samples, 0, frames, format, file.subarray(header.length));
  return file;
}
