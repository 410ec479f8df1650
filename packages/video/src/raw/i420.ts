import type { VideoFrame } from "@conic/domain";
import { invalidArgument, invalidData } from "../errors.js";
import { checkSize, planeLayout } from "../frame/i420.js";
import { frameRateOf, timeOf, type FrameRate } from "../frame/rate.js";
import { ByteReader } from "../io/byte-reader.js";
import { OneLoopReader } from "../io/one-loop.js";
import type { VideoFileSource } from "../io/source.js";
import { defaultMaxRawFrameBytes, type ReadVideoOptions, type VideoReader } from "./reader.js";

export interface ReadI420Options extends ReadVideoOptions {
  /** In pixels: the file itself does not say. */
  readonly width: number;
  readonly height: number;
  /** Frames a second. Default 30. */
  readonly framerate?: number | FrameRate | undefined;
}

/**
 * Reads headerless I420 pictures, one after the other (`.yuv` of `ffmpeg -pix_fmt yuv420p`).
 * @throws ConicError `invalid_argument`, `aborted`. A last picture that is not whole is `invalid_data`: the size is
 * likely to be another one.
 */
export function readI420(source: VideoFileSource, options: ReadI420Options): Promise<VideoReader> {
  return Promise.resolve().then(() => new I420Reader(source, options));
}

class I420Reader extends OneLoopReader<VideoFrame> implements VideoReader {
  readonly width: number;
  readonly height: number;
  readonly frameRate: FrameRate;
  readonly #frameBytes: number;
  #count = 0;

  constructor(source: VideoFileSource, options: ReadI420Options) {
    const { width, height, framerate = 30, maxFrameBytes = defaultMaxRawFrameBytes } = options;
    checkSize(width, height);
    const frameRate = frameRateOf(framerate);
    const { byteLength } = planeLayout(width, height);
    if (byteLength > maxFrameBytes) {
      throw invalidArgument(
        `a picture of ${width}x${height} has ${byteLength} bytes, more than maxFrameBytes`,
      );
    }
    super(new ByteReader(source, options.signal));
    this.width = width;
    this.height = height;
    this.frameRate = frameRate;
    this.#frameBytes = byteLength;
  }

  get framerate(): number {
    return this.frameRate.numerator / this.frameRate.denominator;
  }

  protected async next(bytes: ByteReader): Promise<VideoFrame | undefined> {
    const data = new Uint8Array(this.#frameBytes);
    const got = await bytes.readInto(data);
    if (got === 0) return undefined;
    if (got < data.length) {
      throw invalidData(
        bytes.offset,
        `picture ${this.#count} has ${got} of ${data.length} bytes; is ${this.width}x${this.height} the right size?`,
      );
    }
    const frame = {
      codedWidth: this.width,
      codedHeight: this.height,
      ...timeOf(this.#count, this.frameRate),
      data,
    };
    this.#count += 1;
    return frame;
  }
}
