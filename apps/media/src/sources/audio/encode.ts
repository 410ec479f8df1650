import { framesOf } from "@conic/audio";
import { throwIfAborted, type AudioEncoder, type EncodedChunk } from "@conic/domain";

/**
 * Interleaved samples compressed, without a gap. Behind the last ones comes as much silence as the codec lags behind
 * its input, or a decoder would never give them out.
 */
export async function* encodedSamples(
  blocks: AsyncIterable<Float32Array>,
  encoder: AudioEncoder,
  signal: AbortSignal | undefined,
): AsyncGenerator<EncodedChunk, undefined> {
  const { numberOfChannels, frameSamples, lookaheadSamples } = encoder;
  const whole = withTail(blocks, new Float32Array(lookaheadSamples * numberOfChannels));
  let samples = 0;
  for await (const frame of framesOf(whole, frameSamples * numberOfChannels)) {
    throwIfAborted(signal);
    yield encoder.encode(frame, Math.round((samples * 1000) / 48));
    samples += frameSamples;
  }
  return undefined;
}

async function* withTail(
  blocks: AsyncIterable<Float32Array>,
  tail: Float32Array,
): AsyncGenerator<Float32Array, undefined> {
  for await (const block of blocks) yield block;
  yield tail;
  return undefined;
}
