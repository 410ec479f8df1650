import { ConicError, type OpusCodec } from "@conic/domain";
import type { AudioSource, AudioSourceOptions } from "./source.js";

/**
 * Opens what is to be heard.
 * @throws ExitError with code 2 and one line when the options contradict each other, or the file cannot be read;
 * ConicError `invalid_data` or `unsupported`, with the path in its message, when it is not what it should be.
 */
export function openAudioSource(
  _options: AudioSourceOptions,
  _codec: OpusCodec,
): Promise<AudioSource> {
  return Promise.reject(new ConicError("unsupported", "being built"));
}
