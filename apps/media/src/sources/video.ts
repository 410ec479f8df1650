import type { VideoCodec } from "@conic/domain";
import { usageError } from "@conic/internal-cli";
import type { VideoSource, VideoSourceOptions } from "./source.js";
import { openIvf } from "./video/ivf.js";
import { openPattern, openY4m, openYuv } from "./video/raw.js";

/**
 * Opens what is to be seen.
 * @throws ExitError with code 2 and one line when the options contradict each other, or the file cannot be read;
 * ConicError `invalid_data` or `unsupported`, with the path in its message, when it is not what it should be.
 */
export async function openVideoSource(
  options: VideoSourceOptions,
  codec: VideoCodec,
): Promise<VideoSource> {
  const { ivf, y4m, yuv, pattern } = options;
  const given = Object.entries({ ivf, y4m, yuv, pattern }).filter(
    ([, value]) => value !== undefined,
  );
  if (given.length > 1) {
    throw usageError(`${given.map(([name]) => `--${name}`).join(" and ")} exclude each other`);
  }
  const file = ivf === undefined ? "y4m" : "ivf";
  for (const [flag, value] of [
    ["--size", options.size],
    ["--fps", options.framerate],
  ] as const) {
    if (value === undefined || (ivf ?? y4m) === undefined) continue;
    throw usageError(`${flag} is not for --${file}: the file says it itself`);
  }
  if (ivf !== undefined) return openIvf(ivf, options);
  if (y4m !== undefined) return openY4m(y4m, options, codec);
  if (yuv !== undefined) return openYuv(yuv, options, codec);
  return openPattern(pattern ?? "counted", options, codec);
}
