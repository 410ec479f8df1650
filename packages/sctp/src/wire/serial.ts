/** Serial number arithmetic (RFC 1982) on 32 bits: TSNs, message identifiers, request numbers. */

export function isBefore(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

export function isAfter(a: number, b: number): boolean {
  return ((a - b) | 0) > 0;
}

/** How far `a` is past `b`; negative when it is before. */
export function distance(a: number, b: number): number {
  return (a - b) | 0;
}

export function next(a: number): number {
  return (a + 1) >>> 0;
}

export function previous(a: number): number {
  return (a - 1) >>> 0;
}

/** The same on 16 bits: stream sequence numbers. */
export function isBefore16(a: number, b: number): boolean {
  return ((a - b) << 16) >> 16 < 0;
}

export function next16(a: number): number {
  return (a + 1) & 0xffff;
}
