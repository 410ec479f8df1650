import { planeLayout } from "../frame/i420.js";
import { Backdrop } from "./backdrop.js";
import { drawBall } from "./ball.js";
import { counterRows, drawCounter, leastCountedSize } from "./counter.js";
import { drawDigits } from "./digits.js";
import { patternOf, type PatternOptions, type VideoPattern } from "./pattern.js";

/**
 * Moving colour bars, a bouncing ball, and the number of the frame twice: in digits, and in black and white cells along
 * the top that `readFrameCounter` reads back, also after compression or scaling. At least 64x64 pixels.
 * @throws ConicError `invalid_argument`.
 */
export function countedPattern(options: PatternOptions = {}): VideoPattern {
  return patternOf(options, leastCountedSize, (width, height) => {
    const layout = planeLayout(width, height);
    const backdrop = new Backdrop(width, height);
    // Chroma that reaches into a cell's last line would tint it; it is grey one line further.
    const top = counterRows(height);
    const greyLines = Math.ceil(top / 2) * layout.chromaWidth;
    return (n) => {
      const data = new Uint8Array(layout.byteLength);
      backdrop.draw(data, n);
      drawBall(data, layout, top, n);
      drawDigits(data, width, height, n);
      drawCounter(data, width, height, n);
      data.fill(128, layout.uOffset, layout.uOffset + greyLines);
      data.fill(128, layout.vOffset, layout.vOffset + greyLines);
      return data;
    };
  });
}
