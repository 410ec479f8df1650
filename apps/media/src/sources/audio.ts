import type { OpusCodec } from "@conic/domain";
import { usageError } from "@conic/internal-cli";
import { openOgg } from "./audio/ogg.js";
import { openTone, openWav } from "./audio/pcm.js";
import type { AudioSource, AudioSourceOptions } from "./source.js";

/**
 * Opens what is to be heard.
 * @throws ExitError with code 2 and one line when the options contradict each other, or the file cannot be read;
 * ConicError `invalid_data` or `unsupported`, with the path in its message, when it is not what it should be.
 */
export async function openAudioSource(
  options: AudioSourceOptions,
  codec: OpusCodec,
): Promise<AudioSource> {
  const { wav, ogg, frequency } = options;
  const given = Object.entries({ wav, ogg, freq: frequency }).filter(
    ([, value]) => value !== undefined,
  );
  if (given.length > 1) {
    throw usageError(`${given.map(([name]) => `--${name}`).join(" and ")} exclude each other`);
  }
  if (wav !== undefined) return openWav(wav, options, codec);
  if (ogg !== undefined) return openOgg(ogg, options);
  return openTone(options, codec);
}
