import type { VideoFrame } from "@conic/domain";
import { invalidArgument } from "../errors.js";

/** Pixels on a side that a picture has at most: what VP8 can say (RFC 6386 section 9.1). */
export const maxDimension = 16_383;

/** Where the planes of a picture lie in its bytes. */
export interface PlaneLayout {
  readonly width: number;
  readonly height: number;
  /** Of one chroma plane. */
  readonly chromaWidth: number;
  readonly chromaHeight: number;
  readonly uOffset: number;
  readonly vOffset: number;
  readonly byteLength: number;
}

export function planeLayout(width: number, height: number): PlaneLayout {
  const chromaWidth = Math.ceil(width / 2);
  const chromaHeight = Math.ceil(height / 2);
  const luma = width * height;
  const chroma = chromaWidth * chromaHeight;
  return {
    width,
    height,
    chromaWidth,
    chromaHeight,
    uOffset: luma,
    vOffset: luma + chroma,
    byteLength: luma + 2 * chroma,
  };
}

/** @throws ConicError `invalid_argument` for what is no size of a picture. */
export function checkSize(width: number, height: number, least = 1): void {
  for (const [name, value] of Object.entries({ width, height })) {
    if (!Number.isInteger(value) || value < least || value > maxDimension) {
      throw invalidArgument(
        `${name} is a whole number from ${least} to ${maxDimension}, not ${value}`,
      );
    }
  }
}

/** @throws ConicError `invalid_argument` for a frame whose data does not fit its size. */
export function checkFrame(frame: VideoFrame): PlaneLayout {
  const { codedWidth, codedHeight, data } = frame;
  checkSize(codedWidth, codedHeight);
  const layout = planeLayout(codedWidth, codedHeight);
  if (data.length !== layout.byteLength) {
    throw invalidArgument(
      `a picture of ${codedWidth}x${codedHeight} has ${layout.byteLength} bytes, not ${data.length}`,
    );
  }
  return layout;
}
