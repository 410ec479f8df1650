import { ConicError, type VideoCodec } from "@conic/domain";
import type { VideoSource, VideoSourceOptions } from "./source.js";

/**
 * Opens what is to be seen.
 * @throws ExitError with code 2 and one line when the options contradict each other, or the file cannot be read;
 * ConicError `invalid_data` or `unsupported`, with the path in its message, when it is not what it should be.
 */
export function openVideoSource(
  _options: VideoSourceOptions,
  _codec: VideoCodec,
): Promise<VideoSource> {
  return Promise.reject(new ConicError("unsupported", "being built"));
}
