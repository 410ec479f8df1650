import { basename } from "node:path";
import type { EncodedChunk } from "@conic/domain";
import { readIvf } from "@conic/video";
import { LoopedFile } from "../play/looped-file.js";
import { abortable, paced } from "../pace/paced.js";
import { building } from "../play/playback.js";
import { Chain, limited } from "../play/timed.js";
import type { PlayVideoOptions, VideoSource, VideoSourceOptions } from "../source.js";

/** Above this the times of a file are not counted in frames, but in ticks of some clock. */
const mostFramerate = 240;

export function openIvf(path: string, options: VideoSourceOptions): Promise<VideoSource> {
  return building(async (playback) => {
    const loop = options.loop ?? false;
    const file = await LoopedFile.open({ path, loop, open: ({ handle }) => readIvf(handle) });
    playback.own(() => file[Symbol.asyncDispose]());
    const { width, height, timebase } = file.reader;
    const ticks = timebase.numerator / timebase.denominator;
    const framerate = ticks <= mostFramerate ? ticks : undefined;
    const chain = new Chain(1_000_000 / (framerate ?? 30));
    // Never skipped: each frame depends on those before it.
    const chunks = ({ timeline, signal }: PlayVideoOptions): AsyncIterable<EncodedChunk> => {
      const all = limited(
        file.items((reader) => chain.append(fromKeyFrame(reader.frames()))),
        options.seconds,
      );
      return timeline === undefined ? abortable(all, signal) : paced(all, { timeline, signal });
    };
    const rate = framerate === undefined ? "" : `, ${Number(framerate.toFixed(3))} frames/s`;
    return {
      description: `${basename(path)}, VP8 ${width}x${height}${rate}`,
      width,
      height,
      framerate,
      maxBitrate: undefined,
      skippedFrames: 0,
      chunks: (play: PlayVideoOptions = {}) => playback.start(() => chunks(play)),
      [Symbol.asyncDispose]: () => playback[Symbol.asyncDispose](),
    };
  });
}

/** A file that was cut out of a longer one starts with frames that no decoder can use. */
async function* fromKeyFrame(
  chunks: AsyncIterable<EncodedChunk>,
): AsyncGenerator<EncodedChunk, undefined> {
  let begun = false;
  for await (const chunk of chunks) {
    begun ||= chunk.type === "key";
    if (begun) yield chunk;
  }
  return undefined;
}
