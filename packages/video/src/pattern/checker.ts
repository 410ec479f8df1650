import { planeLayout } from "../frame/i420.js";
import { black, white } from "./levels.js";
import { patternOf, type PatternOptions, type VideoPattern } from "./pattern.js";

export interface CheckerPatternOptions extends PatternOptions {
  /** Of one square, in pixels. Default an eighth of the smaller side. */
  readonly squareSize?: number | undefined;
}

/**
 * A black and white chessboard whose squares change colour once a second; not faster, as flicker can harm.
 * @throws ConicError `invalid_argument`.
 */
export function checkerPattern(options: CheckerPatternOptions = {}): VideoPattern {
  return patternOf(options, 2, (width, height, framerate) => {
    const size = Math.max(1, options.squareSize ?? Math.floor(Math.min(width, height) / 8));
    const boards = [
      paintBoard(width, height, size, 0),
      paintBoard(width, height, size, 1),
    ] as const;
    return (n) => boards[Math.floor(n / framerate) % 2 === 0 ? 0 : 1].slice();
  });
}

function paintBoard(width: number, height: number, size: number, first: 0 | 1): Uint8Array {
  const { byteLength, uOffset } = planeLayout(width, height);
  const data = new Uint8Array(byteLength).fill(128, uOffset);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const odd = (Math.floor(x / size) + Math.floor(y / size) + first) % 2 === 1;
      data[y * width + x] = odd ? black : white;
    }
  }
  return data;
}
