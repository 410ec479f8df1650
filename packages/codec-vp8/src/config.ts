import { ConicError, type VideoEncoderConfig } from "@conic/domain";
import type { EncoderSpec } from "./worker/types.js";

export const leastBitrate = 10_000;
const mostBitrate = 1_000_000_000;
const leastSide = 16;
const mostSide = 4_096;

/** @throws ConicError `invalid_argument`. */
export function encoderSpec(config: VideoEncoderConfig): EncoderSpec {
  const { width, height, framerate = 30 } = config;
  for (const [name, value] of Object.entries({ width, height })) {
    if (!Number.isInteger(value) || value < leastSide || value > mostSide) {
      throw invalidArgument(
        `${name} is a whole number from ${leastSide} to ${mostSide}, not ${value}`,
      );
    }
  }
  if (!(framerate >= 1 && framerate <= 240)) {
    throw invalidArgument(`framerate is a number from 1 to 240, not ${framerate}`);
  }
  const proportional = 1_000_000 * ((width * height * framerate) / (640 * 480 * 30));
  const bitrate = config.bitrate ?? Math.max(leastBitrate, Math.round(proportional));
  return { width, height, framerate, bitrate: checkedBitrate(bitrate) };
}

/** @throws ConicError `invalid_argument`. */
export function checkedBitrate(bitrate: number): number {
  if (!(bitrate >= leastBitrate && bitrate <= mostBitrate)) {
    throw invalidArgument(
      `bitrate is a number from ${leastBitrate} to ${mostBitrate} bits a second, not ${bitrate}`,
    );
  }
  return Math.round(bitrate);
}

/** Of a picture in I420. */
export function pictureBytes(width: number, height: number): number {
  return width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
}

export function invalidArgument(message: string): ConicError<"invalid_argument"> {
  return new ConicError("invalid_argument", message);
}
