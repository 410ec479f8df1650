import type { VideoFrame } from "@conic/domain";
import { checkFrame } from "../frame/i420.js";
import { black, white } from "./levels.js";

// The number as 3 rows of 16 cells over the whole width, each a sixteenth of the picture: 32 bits of the number, 16 of a
// checksum. Cells are placed by proportion, so that a picture that was scaled on the way reads the same.
const columns = 16;
const rows = 3;

/** Pixels on a side below which the cells are too small to survive compression. */
export const leastCountedSize = 64;

/** A cell nearer to the middle than this is neither black nor white: the picture is something else. */
const least = 48;

/** Rows of the luma plane that the cells take, from the top. */
export function counterRows(height: number): number {
  return edge(rows, height);
}

/** Draws `n` into the luma plane; the chroma below it is the caller's to make grey. */
export function drawCounter(luma: Uint8Array, width: number, height: number, n: number): void {
  const bits = bitsOf(n);
  for (let row = 0; row < rows; row += 1) {
    const top = edge(row, height) * width;
    for (let column = 0; column < columns; column += 1) {
      const value = bits[row * columns + column] === true ? white : black;
      luma.fill(value, top + edge(column, width), top + edge(column + 1, width));
    }
    // The other lines of the row are copies of its first.
    for (let y = edge(row, height) + 1; y < edge(row + 1, height); y += 1) {
      luma.copyWithin(y * width, top, top + width);
    }
  }
}

/**
 * The number that `countedPattern` drew into the picture; undefined where there is none, or its checksum is wrong.
 * @throws ConicError `invalid_argument` for a frame whose data does not fit its size.
 */
export function readFrameCounter(frame: VideoFrame): number | undefined {
  checkFrame(frame);
  const { codedWidth: width, codedHeight: height, data } = frame;
  if (width < columns * 2 || height < columns * 2) return undefined;
  const words = [0, 0, 0];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const middle = meanOf(data, width, column, row, height) - (black + white) / 2;
      if (Math.abs(middle) < least) return undefined;
      words[row] = ((words[row] ?? 0) << 1) | (middle > 0 ? 1 : 0);
    }
  }
  const [high = 0, low = 0, sum = 0] = words;
  const gray = ((high << 16) | low) >>> 0;
  return crc16(gray) === sum ? fromGray(gray) : undefined;
}

function edge(cell: number, side: number): number {
  return Math.round((cell * side) / columns);
}

/** Of the inner half of a cell: compression blurs its border. */
function meanOf(
  data: Uint8Array,
  width: number,
  column: number,
  row: number,
  height: number,
): number {
  const left = Math.floor(((column + 0.25) * width) / columns);
  const right = Math.ceil(((column + 0.75) * width) / columns);
  const top = Math.floor(((row + 0.25) * height) / columns);
  const bottom = Math.ceil(((row + 0.75) * height) / columns);
  let sum = 0;
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) sum += data[y * width + x] ?? 0;
  }
  return sum / ((right - left) * (bottom - top));
}

function bitsOf(n: number): boolean[] {
  // In Gray code one bit changes from a number to the next: cheap to compress.
  const gray = (n ^ (n >>> 1)) >>> 0;
  const words = [gray >>> 16, gray & 0xffff, crc16(gray)];
  return words.flatMap((word) =>
    Array.from({ length: columns }, (_, bit) => ((word >>> (columns - 1 - bit)) & 1) === 1),
  );
}

function fromGray(gray: number): number {
  let n = gray;
  for (let shift = 1; shift < 32; shift *= 2) n ^= n >>> shift;
  return n >>> 0;
}

/** CRC-16/CCITT-FALSE of the four bytes: neither all black nor all white is a number. */
function crc16(value: number): number {
  let crc = 0xffff;
  for (let bit = 31; bit >= 0; bit -= 1) {
    const carry = ((crc >>> 15) ^ (value >>> bit)) & 1;
    crc = ((crc << 1) & 0xffff) ^ (carry === 1 ? 0x1021 : 0);
  }
  return crc;
}
