import { ConicError } from "@conic/domain";

export const defaultMaxBitrate = 2_500_000;

/** RFC 8830 section 2: what an id may consist of. */
const idPattern = /^[\w!#$%&'*+.^`{|}~-]{1,64}$/;

/** @throws ConicError `invalid_argument`. */
export function checkedBitrate(maxBitrate: number): number {
  if (maxBitrate > 0 && Number.isFinite(maxBitrate)) return maxBitrate;
  throw new ConicError(
    "invalid_argument",
    `maxBitrate is in bits a second, not ${String(maxBitrate)}`,
  );
}

/** @throws ConicError `invalid_argument`. */
export function checkedId(name: string, id: string): string {
  if (idPattern.test(id)) return id;
  throw new ConicError(
    "invalid_argument",
    `the ${name} of a track is 1 to 64 letters, digits or signs of a token (RFC 8830), not ${JSON.stringify(id.slice(0, 80))}`,
  );
}
