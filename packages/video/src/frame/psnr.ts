import type { VideoFrame } from "@conic/domain";
import { invalidArgument } from "../errors.js";
import { checkFrame } from "./i420.js";

/**
 * How close the luma of two pictures is, in dB: above 40 hardly a difference is seen; Infinity where there is none.
 * @throws ConicError `invalid_argument` for pictures of different sizes.
 */
export function psnr(a: VideoFrame, b: VideoFrame): number {
  const { uOffset } = checkFrame(a);
  checkFrame(b);
  if (a.codedWidth !== b.codedWidth || a.codedHeight !== b.codedHeight) {
    throw invalidArgument(
      `pictures of ${a.codedWidth}x${a.codedHeight} and ${b.codedWidth}x${b.codedHeight} do not compare`,
    );
  }
  let squares = 0;
  for (let index = 0; index < uOffset; index += 1) {
    const difference = (a.data[index] ?? 0) - (b.data[index] ?? 0);
    squares += difference * difference;
  }
  return squares === 0 ? Infinity : 10 * Math.log10((255 * 255 * uOffset) / squares);
}
