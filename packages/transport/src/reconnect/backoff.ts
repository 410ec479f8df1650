import { ConicError } from "@conic/domain";

export interface BackoffOptions {
  /** Upper bound of the first delay. Default 100. */
  readonly initialMs?: number;
  /** Upper bound of every delay. Default 10 000: a third of the time for which a server keeps the id of a client. */
  readonly maxMs?: number;
  /** Growth of the upper bound from attempt to attempt. Default 2. */
  readonly factor?: number;
}

/**
 * Delay before attempt number `attempt` to reconnect, counted from 1: a random part (`random()` is in [0, 1)) of
 * `initialMs · factor^(attempt − 1)`, at most of `maxMs`. "Full jitter": after a crash, the clients of a server
 * come back spread over the whole time instead of in waves.
 *
 * @throws ConicError `invalid_argument` for negative times or a factor below 1.
 */
export function backoffDelayMs(
  attempt: number,
  random: () => number,
  options: BackoffOptions = {},
): number {
  const { initialMs = 100, maxMs = 10_000, factor = 2 } = options;
  if (!(initialMs >= 0 && maxMs >= initialMs && factor >= 1)) {
    throw new ConicError("invalid_argument", "back-off needs 0 ≤ initialMs ≤ maxMs and factor ≥ 1");
  }
  const grown = initialMs * factor ** Math.max(0, attempt - 1);
  // 0 · ∞ is not a number.
  return random() * Math.min(maxMs, Number.isNaN(grown) ? 0 : grown);
}
