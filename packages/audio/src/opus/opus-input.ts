import { remix } from "../resample/remix.js";
import { Resampler } from "../resample/resampler.js";
import type { WavReader } from "../wav/read/reader.js";

export interface OpusInputOptions {
  /** Of the output. Default: 1 for a mono file, else 2. */
  readonly channels?: 1 | 2 | undefined;
}

/**
 * A WAV file as an Opus encoder takes it: 48 kHz, one or two channels, interleaved, in blocks of any size.
 * Leaving the loop closes the reader.
 * @throws ConicError `invalid_argument` for a sample rate that no resampler takes, at once; errors of the reader
 */
export function opusInput(
  reader: WavReader,
  options: OpusInputOptions = {},
): AsyncGenerator<Float32Array, undefined> {
  const { format } = reader.info;
  const { channels = format.channels === 1 ? 1 : 2 } = options;
  return converted(reader, new Resampler({ from: format.sampleRate, channels }));
}

async function* converted(
  reader: WavReader,
  resampler: Resampler,
): AsyncGenerator<Float32Array, undefined> {
  const { channels, channelMask } = reader.info.format;
  const target = resampler.channels === 1 ? 1 : 2;
  for await (const block of reader.blocks()) {
    // First the mix: what is left out need not be resampled.
    const samples = resampler.process(remix(block.interleaved(), channels, target, channelMask));
    if (samples.length > 0) yield samples;
  }
  const rest = resampler.flush();
  if (rest.length > 0) yield rest;
}
