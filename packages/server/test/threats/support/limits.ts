import type { SignalingServerOptions } from "../../../src/index.js";

/** What a test of something else than limits gives the server, so that it is not a limit that stops the attacker. */
export const unlimited: SignalingServerOptions = {
  maxMessagesPerSecond: 0,
  maxBytesPerSecond: 0,
  maxRefusedPerMinute: 0,
  maxInvalidPerMinute: 0,
  maxRegistrationsPerMinute: 0,
  maxUnregistered: 0,
  maxAddressConnections: 0,
  maxAddressConnectionsPerSecond: 0,
  maxAddressMessagesPerSecond: 0,
};

/** The value that so many per cent of the others are not above. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? NaN;
}

/** Milliseconds for people. */
export function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 0)} ms`;
}
