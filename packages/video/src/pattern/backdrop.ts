import { planeLayout, type PlaneLayout } from "../frame/i420.js";

/** Y, U and V of white, yellow, cyan, green, magenta, red, blue and black at 75 % (ITU-R BT.601). */
const bars: readonly (readonly [number, number, number])[] = [
  [180, 128, 128],
  [162, 44, 142],
  [131, 156, 44],
  [112, 72, 58],
  [84, 184, 198],
  [65, 100, 212],
  [35, 212, 114],
  [40, 128, 128],
];

/**
 * Colour bars that move to the left, two pixels every other frame, over a slope of light from top to bottom. They are
 * drawn once, twice as wide as the picture: each frame is copies of lines.
 */
export class Backdrop {
  readonly #layout: PlaneLayout;
  /** In pixels: after so many the bars repeat. Even, so that the chroma moves by whole samples. */
  readonly #period: number;
  readonly #luma: Uint8Array;
  readonly #u: Uint8Array;
  readonly #v: Uint8Array;

  constructor(width: number, height: number) {
    this.#layout = planeLayout(width, height);
    this.#period = width + (width % 2);
    const wide = planeLayout(this.#period * 2, height);
    const data = new Uint8Array(wide.byteLength);
    this.#luma = data.subarray(0, wide.uOffset);
    this.#u = data.subarray(wide.uOffset, wide.vOffset);
    this.#v = data.subarray(wide.vOffset);
    for (let y = 0; y < height; y += 1) {
      const light = 1 - (0.4 * y) / height;
      this.#drawLine(this.#luma, y, this.#period, ([luma]) => Math.round(16 + (luma - 16) * light));
    }
    for (let y = 0; y < wide.chromaHeight; y += 1) {
      this.#drawLine(this.#u, y, this.#period / 2, ([, u]) => u);
      this.#drawLine(this.#v, y, this.#period / 2, ([, , v]) => v);
    }
  }

  /** Fills the whole picture. */
  draw(data: Uint8Array, n: number): void {
    const { width, height, chromaWidth, chromaHeight, uOffset, vOffset } = this.#layout;
    const half = this.#period / 2;
    const shift = Math.floor(n / 2) % half;
    copyLines(this.#luma, this.#period * 2, shift * 2, data, 0, width, height);
    copyLines(this.#u, this.#period, shift, data, uOffset, chromaWidth, chromaHeight);
    copyLines(this.#v, this.#period, shift, data, vOffset, chromaWidth, chromaHeight);
  }

  #drawLine(
    plane: Uint8Array,
    y: number,
    period: number,
    valueOf: (bar: readonly [number, number, number]) => number,
  ): void {
    const start = y * period * 2;
    for (const [index, bar] of bars.entries()) {
      const from = Math.round((index * period) / bars.length);
      const to = Math.round(((index + 1) * period) / bars.length);
      plane.fill(valueOf(bar), start + from, start + to);
    }
    plane.copyWithin(start + period, start, start + period);
  }
}

function copyLines(
  from: Uint8Array,
  stride: number,
  shift: number,
  to: Uint8Array,
  offset: number,
  width: number,
  height: number,
): void {
  for (let y = 0; y < height; y += 1) {
    const start = y * stride + shift;
    to.set(from.subarray(start, start + width), offset + y * width);
  }
}
