import { ConicError, type VideoFrame } from "@conic/domain";
import { checkSize } from "../frame/i420.js";
import { frameRateOf, timeOf, type FrameRate } from "../frame/rate.js";

export interface PatternOptions {
  /** In pixels. Default 640x480. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** Frames a second, which time the frames. Default 30. */
  readonly framerate?: number | FrameRate | undefined;
}

/** Pictures made by calculation: the same number gives the same picture. */
export interface VideoPattern {
  readonly width: number;
  readonly height: number;
  readonly framerate: number;
  readonly frameRate: FrameRate;
  /**
   * The picture of that number, in new memory.
   * @throws ConicError `invalid_argument` for what is no whole number from 0 to 4,294,967,295.
   */
  frameAt(n: number): VideoFrame;
}

/** @param paint gives the bytes of a picture, in memory that nobody else holds */
export function patternOf(
  options: PatternOptions,
  least: number,
  prepare: (width: number, height: number, framerate: number) => (n: number) => Uint8Array,
): VideoPattern {
  const { width = 640, height = 480 } = options;
  checkSize(width, height, least);
  const frameRate = frameRateOf(options.framerate ?? 30);
  const framerate = frameRate.numerator / frameRate.denominator;
  const paint = prepare(width, height, framerate);
  return {
    width,
    height,
    framerate,
    frameRate,
    frameAt: (n) => {
      if (!Number.isInteger(n) || n < 0 || n > 0xffffffff) {
        throw new ConicError("invalid_argument", `${n} is no number of a frame`);
      }
      return { codedWidth: width, codedHeight: height, ...timeOf(n, frameRate), data: paint(n) };
    },
  };
}
