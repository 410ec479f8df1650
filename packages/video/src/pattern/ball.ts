import type { PlaneLayout } from "../frame/i420.js";

/** An orange disc that bounces between the counter and the lower edge. */
export function drawBall(data: Uint8Array, layout: PlaneLayout, top: number, n: number): void {
  const { width, height, chromaWidth, uOffset, vOffset } = layout;
  const radius = Math.max(3, Math.floor(Math.min(width, height) / 12));
  const x = radius + bounce(n * Math.max(1, width / 160), width - 2 * radius);
  const y = top + radius + bounce(n * Math.max(1, height / 120), height - top - 2 * radius);
  for (let line = -radius; line <= radius; line += 1) {
    const reach = Math.floor(Math.sqrt(radius * radius - line * line));
    const luma = (y + line) * width;
    if (y + line >= height) break;
    data.fill(150, luma + x - reach, luma + Math.min(width, x + reach));
    if ((y + line) % 2 !== 0) continue;
    const chroma = ((y + line) / 2) * chromaWidth;
    const from = chroma + Math.ceil((x - reach) / 2);
    const to = chroma + Math.floor(Math.min(width, x + reach) / 2);
    data.fill(60, uOffset + from, uOffset + to);
    data.fill(180, vOffset + from, vOffset + to);
  }
}

/** There and back within `range`, in whole pixels. */
function bounce(way: number, range: number): number {
  const place = Math.floor(way) % (2 * range);
  return place < range ? place : 2 * range - place;
}
