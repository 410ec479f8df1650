import { invalidArgument } from "../errors.js";

/** Frames a second as an exact ratio: 30000/1001 is what is called 29.97. */
export interface FrameRate {
  readonly numerator: number;
  readonly denominator: number;
}

/**
 * The ratio of a number: whole ones as they are, the NTSC rates (23.976, 29.97, 59.94) by their multiple of 1000/1001,
 * all others in thousandths.
 * @throws ConicError `invalid_argument` for what is not above 0 and at most 1,000.
 */
export function frameRateOf(framerate: number | FrameRate): FrameRate {
  if (typeof framerate !== "number") return checkedRatio(framerate);
  if (!(framerate >= 0.001 && framerate <= 1_000)) {
    throw invalidArgument(`framerate is a number above 0 and at most 1,000, not ${framerate}`);
  }
  if (Number.isInteger(framerate)) return { numerator: framerate, denominator: 1 };
  const ntsc = Math.round((framerate * 1_001) / 1_000);
  if (Math.abs((ntsc * 1_000) / 1_001 - framerate) < 0.005 && ntsc % 6 === 0) {
    return { numerator: ntsc * 1_000, denominator: 1_001 };
  }
  return { numerator: Math.round(framerate * 1_000), denominator: 1_000 };
}

function checkedRatio(rate: FrameRate): FrameRate {
  const { numerator, denominator } = rate;
  if (!isRatePart(numerator) || !isRatePart(denominator) || numerator > 1_000 * denominator) {
    throw invalidArgument(`${numerator}/${denominator} is no rate of frames`);
  }
  return { numerator, denominator };
}

/** What files have room for: 32 bits. */
export function isRatePart(value: number): boolean {
  return Number.isInteger(value) && value > 0 && value <= 0xffffffff;
}

/** When the frame of that number is due, in µs. Rounded each for itself, so that nothing adds up. */
export function timestampOf(frame: number, { numerator, denominator }: FrameRate): number {
  return Math.round(((frame * denominator) / numerator) * 1_000_000);
}

/** The frame's place in time as the fields of a VideoFrame or EncodedChunk. */
export function timeOf(frame: number, rate: FrameRate): { timestamp: number; duration: number } {
  const timestamp = timestampOf(frame, rate);
  return { timestamp, duration: timestampOf(frame + 1, rate) - timestamp };
}
