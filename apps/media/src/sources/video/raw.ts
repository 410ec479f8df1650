import { basename } from "node:path";
import { ConicError, type EncodedChunk, type VideoCodec, type VideoFrame } from "@conic/domain";
import { ExitError, exitCodes } from "@conic/internal-cli";
import {
  checkerPattern,
  countedPattern,
  readI420,
  readY4m,
  type VideoPattern,
  type VideoReader,
} from "@conic/video";
import type { InputFile } from "../../files/input-file.js";
import { LoopedFile } from "../play/looped-file.js";
import { paced } from "../pace/paced.js";
import { building, type Playback } from "../play/playback.js";
import { Chain, limited } from "../play/timed.js";
import type { PatternName, PlayVideoOptions, VideoSource, VideoSourceOptions } from "../source.js";
import { encoded } from "./encode.js";
import { encodableSizes, isEncodable, parseSize, pictureBytes, type Size } from "./size.js";

/** Pictures before they are compressed. */
interface Pictures extends Size {
  readonly framerate: number;
  readonly description: string;
  frames(): AsyncIterable<VideoFrame>;
}

/** A picture that comes later than this is not worth encoding; catching up would take the viewer's time too. */
const maxLateMs = 400;

export function openPattern(
  name: PatternName,
  options: VideoSourceOptions,
  codec: VideoCodec,
): Promise<VideoSource> {
  const size = parseSize(options.size ?? defaultSize);
  const make = name === "counted" ? countedPattern : checkerPattern;
  const pattern = make({ ...size, framerate: options.framerate });
  const description = `${name} pattern, ${shapeOf(pattern)}`;
  const frames = (): AsyncIterable<VideoFrame> => allFrames(pattern);
  const { framerate } = pattern;
  return building((playback) =>
    encoding({ ...size, framerate, description, frames }, { options, codec, playback }),
  );
}

export function openY4m(
  path: string,
  options: VideoSourceOptions,
  codec: VideoCodec,
): Promise<VideoSource> {
  return openRaw(path, { options, codec, open: ({ handle }) => readY4m(handle) });
}

export function openYuv(
  path: string,
  options: VideoSourceOptions,
  codec: VideoCodec,
): Promise<VideoSource> {
  const size = parseSize(options.size ?? defaultSize);
  const open = (input: InputFile): Promise<VideoReader> => {
    checkLength(path, input.bytes, size);
    return readI420(input.handle, { ...size, framerate: options.framerate });
  };
  return openRaw(path, { options, codec, open });
}

const defaultSize = "640x480";

/** Before a wrong size is seen as a picture of stripes. @throws ExitError with code 2. */
function checkLength(path: string, bytes: number | undefined, size: Size): void {
  const each = pictureBytes(size);
  if (bytes === undefined || bytes % each === 0) return;
  const { width, height } = size;
  throw new ExitError(
    exitCodes.usage,
    `${path} has ${bytes} bytes: no whole number of ${width}x${height} pictures, which have ${each} each; is --size right?`,
  );
}

interface RawFile {
  readonly options: VideoSourceOptions;
  readonly codec: VideoCodec;
  readonly open: (input: InputFile) => Promise<VideoReader>;
}

function openRaw(path: string, { options, codec, open }: RawFile): Promise<VideoSource> {
  return building(async (playback) => {
    const file = await LoopedFile.open({ path, loop: options.loop ?? false, open });
    playback.own(() => file[Symbol.asyncDispose]());
    const { width, height, framerate } = file.reader;
    if (!isEncodable({ width, height })) {
      const message = `${path}: pictures of ${width}x${height}; VP8 is made of ${encodableSizes}`;
      throw new ConicError("unsupported", message);
    }
    const chain = new Chain(1_000_000 / framerate);
    const frames = (): AsyncIterable<VideoFrame> =>
      file.items((reader) => chain.append(reader.frames()));
    const description = `${basename(path)}, raw ${shapeOf({ width, height, framerate })}`;
    const pictures = { width, height, framerate, description, frames };
    return encoding(pictures, { options, codec, playback });
  });
}

interface EncodingParts {
  readonly options: VideoSourceOptions;
  readonly codec: VideoCodec;
  readonly playback: Playback;
}

async function encoding(
  pictures: Pictures,
  { options, codec, playback }: EncodingParts,
): Promise<VideoSource> {
  const { width, height, framerate, description } = pictures;
  const { seconds } = options;
  const rate = Math.min(Math.max(framerate, 1), 240);
  const bitrate = options.bitrate ?? usualBitrate(width, height, rate);
  const encoder = await codec.createEncoder({
    width,
    height,
    framerate: rate,
    bitrate,
  });
  playback.own(() => encoder.close());
  let skippedFrames = 0;
  const onSkip = (): void => {
    skippedFrames += 1;
  };
  // Paced before they are encoded: a picture that is left out costs nothing, and no other one depends on it.
  const inTime = ({ timeline, signal }: PlayVideoOptions): AsyncIterable<VideoFrame> => {
    const frames = limited(pictures.frames(), seconds);
    return timeline === undefined ? frames : paced(frames, { timeline, signal, maxLateMs, onSkip });
  };
  return {
    description,
    width,
    height,
    framerate,
    maxBitrate: bitrate,
    get skippedFrames() {
      return skippedFrames;
    },
    chunks: (play: PlayVideoOptions = {}): AsyncIterable<EncodedChunk> =>
      playback.start(() => encoded(inTime(play), encoder, play)),
    [Symbol.asyncDispose]: () => playback[Symbol.asyncDispose](),
  };
}

/** The default of encoders, which has to be known here: a million bits a second for 640x480 at 30 frames a second. */
function usualBitrate(width: number, height: number, framerate: number): number {
  const pixels = width * height * framerate;
  return Math.max(10_000, Math.round((1_000_000 * pixels) / (640 * 480 * 30)));
}

async function* allFrames(pattern: VideoPattern): AsyncGenerator<VideoFrame, undefined> {
  // The counter in the pictures has 32 bits: 4 years at 30 frames a second.
  for (let n = 0; n <= 0xffffffff; n += 1) yield await Promise.resolve(pattern.frameAt(n));
  return undefined;
}

function shapeOf({ width, height, framerate }: Size & { framerate: number }): string {
  return `${width}x${height}, ${Number(framerate.toFixed(3))} frames/s`;
}
