import { invalidArgument } from "../errors.js";

/**
 * Cuts blocks of any size into frames of exactly `valuesPerFrame`, each a new array; the last one is filled up with
 * silence.
 * @param valuesPerFrame samples × channels, such as `frameSamples * numberOfChannels` of an encoder
 * @throws ConicError `invalid_argument`, at once; whatever `blocks` throws, unchanged
 */
export function framesOf(
  blocks: AsyncIterable<Float32Array> | Iterable<Float32Array>,
  valuesPerFrame: number,
): AsyncGenerator<Float32Array, undefined> {
  if (!(Number.isInteger(valuesPerFrame) && valuesPerFrame >= 1)) {
    throw invalidArgument(`valuesPerFrame is a whole number from 1 on, not ${valuesPerFrame}`);
  }
  return cut(blocks, valuesPerFrame);
}

async function* cut(
  blocks: AsyncIterable<Float32Array> | Iterable<Float32Array>,
  size: number,
): AsyncGenerator<Float32Array, undefined> {
  let frame = new Float32Array(size);
  let filled = 0;
  for await (const block of blocks) {
    for (let at = 0; at < block.length;) {
      const part = block.subarray(at, at + size - filled);
      frame.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < size) break;
      yield frame;
      frame = new Float32Array(size);
      filled = 0;
    }
  }
  if (filled > 0) yield frame;
}
