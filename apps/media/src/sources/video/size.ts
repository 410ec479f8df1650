import { usageError } from "@conic/internal-cli";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What a VP8 encoder takes on each side, in pixels; see VideoEncoderConfig. */
const leastSide = 16;
const mostSide = 4096;

/** Bytes of an I420 picture. */
export function pictureBytes({ width, height }: Size): number {
  return width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
}

export function isEncodable({ width, height }: Size): boolean {
  return [width, height].every((side) => side >= leastSide && side <= mostSide);
}

/** What is encodable, for messages. */
export const encodableSizes: string = `${leastSide}x${leastSide} to ${mostSide}x${mostSide}`;

/** @throws ExitError with code 2. */
export function parseSize(text: string): Size {
  const [, width = "", height = ""] = /^(\d{1,5})[xX×](\d{1,5})$/.exec(text) ?? [];
  const size = { width: Number(width), height: Number(height) };
  if (isEncodable(size)) return size;
  throw usageError(`--size is WIDTHxHEIGHT, ${encodableSizes}, not "${text}"`);
}
