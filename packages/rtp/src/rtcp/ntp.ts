/** An NTP timestamp (RFC 3550 section 4). */
export interface NtpTime {
  /** Since 1900, 32 bits. */
  readonly seconds: number;
  /** In 2^32nds of a second. */
  readonly fraction: number;
}

/** 70 years, 17 of them leap years. */
const secondsTo1970 = 2_208_988_800;
const two32 = 2 ** 32;

/** @param unixMs since 1970 */
export function ntpTime(unixMs: number): NtpTime {
  const seconds = Math.floor(unixMs / 1000);
  const fraction = Math.floor(((unixMs - seconds * 1000) / 1000) * two32);
  return { seconds: (seconds + secondsTo1970) % two32, fraction };
}

/**
 * Ms since 1970. NTP seconds go round in 2036: a number in the lower half is of the era that begins then.
 */
export function wallClockMs(seconds: number, fraction: number): number {
  const era = seconds < two32 / 2 ? two32 : 0;
  return (seconds + era - secondsTo1970) * 1000 + (fraction / two32) * 1000;
}

/** The middle 32 bits, in 65,536ths of a second: what receiver reports hold. */
export function compactNtp(seconds: number, fraction: number): number {
  return ((seconds << 16) | (fraction >>> 16)) >>> 0;
}
