/**
 * Serial number arithmetic: 16-bit sequence numbers and 32-bit timestamps go round, and of two numbers the one less
 * than half of the circle ahead is the later one (RFC 3550 appendix A.1, RFC 1982).
 */

/** How far `to` is after `from`: -32,768 to 32,767. */
export function sequenceDelta(from: number, to: number): number {
  return ((to - from) << 16) >> 16;
}

/** How far `to` is after `from`: -2^31 to 2^31 - 1. */
export function timestampDelta(from: number, to: number): number {
  return (to - from) | 0;
}

/** The count that has `sequenceNumber` as its lower 16 bits and is nearest to `near`; may be negative. */
export function unwrapSequence(near: number, sequenceNumber: number): number {
  return near + sequenceDelta(near, sequenceNumber);
}

/** The count that has `timestamp` as its lower 32 bits and is nearest to `near`; may be negative. */
export function unwrapTimestamp(near: number, timestamp: number): number {
  return near + timestampDelta(near, timestamp);
}
