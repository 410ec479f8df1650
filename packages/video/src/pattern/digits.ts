import { black, white } from "./levels.js";

/** The digits 0 to 9 in 5 columns and 7 rows, a bit for each dot, the leftmost highest. */
const glyphs: readonly (readonly number[])[] = [
  [0x0e, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0e],
  [0x04, 0x0c, 0x04, 0x04, 0x04, 0x04, 0x0e],
  [0x0e, 0x11, 0x01, 0x02, 0x04, 0x08, 0x1f],
  [0x1f, 0x02, 0x04, 0x02, 0x01, 0x11, 0x0e],
  [0x02, 0x06, 0x0a, 0x12, 0x1f, 0x02, 0x02],
  [0x1f, 0x10, 0x1e, 0x01, 0x01, 0x11, 0x0e],
  [0x06, 0x08, 0x10, 0x1e, 0x11, 0x11, 0x0e],
  [0x1f, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08],
  [0x0e, 0x11, 0x11, 0x0e, 0x11, 0x11, 0x0e],
  [0x0e, 0x11, 0x11, 0x0f, 0x01, 0x02, 0x0c],
];
const glyphColumns = 6;
const glyphRows = 7;

/** Draws the number in white on a black box in the lower middle of the luma plane, for people to read. */
export function drawDigits(luma: Uint8Array, width: number, height: number, n: number): void {
  const digits = String(n).padStart(6, "0").split("").map(Number);
  const dot = Math.max(1, Math.floor(Math.min(width / 80, height / 60)));
  const boxWidth = (digits.length * glyphColumns + 1) * dot;
  const boxHeight = (glyphRows + 2) * dot;
  const left = Math.floor((width - boxWidth) / 2);
  const top = Math.floor(height * 0.6 - boxHeight / 2);
  for (let y = 0; y < boxHeight; y += 1) {
    const start = (top + y) * width + left;
    luma.fill(black, start, start + boxWidth);
    const row = Math.floor(y / dot) - 1;
    for (const [index, digit] of digits.entries()) {
      const bits = glyphs[digit]?.[row] ?? 0;
      for (let column = 0; column < 5; column += 1) {
        if (((bits >>> (4 - column)) & 1) === 0) continue;
        const x = start + (1 + index * glyphColumns + column) * dot;
        luma.fill(white, x, x + dot);
      }
    }
  }
}
