import {
  ConicError,
  errorCodeInfo,
  errorCodes,
  isErrorCode,
  mayReconnect,
  raceAbort,
  systemClock,
  type Clock,
  type CloseInfo,
  type Connection,
} from "@conic/domain";
import { backoffDelayMs, type BackoffOptions } from "./backoff.js";

/** Why and when the next attempt is made. */
export interface RetryInfo {
  /** Counted from 1 since the last connection that was stable. */
  readonly attempt: number;
  readonly delayMs: number;
  /** Why dialing failed, or the connection ended other than wished. */
  readonly error?: ConicError;
  /** How the connection ended that had been open. */
  readonly close?: CloseInfo;
}

export interface ReconnectingOptions {
  /** Makes a new connection; `signal` fires when it is no longer wanted. */
  readonly dial: (signal: AbortSignal) => Connection;
  readonly backoff?: BackoffOptions;
  /** In [0, 1). Default `Math.random`. */
  readonly random?: () => number;
  readonly clock?: Clock;
  /** Ends the iteration, and closes the connection of the moment. */
  readonly signal?: AbortSignal | undefined;
  /** A connection that was open for this long starts the back-off anew. Default 5 000. */
  readonly stableAfterMs?: number;
  /**
   * Asked about what would end the iteration: true dials again all the same, such as with a new token. Default: never.
   */
  readonly goesOn?: (error: ConicError) => boolean;
  /** Asked at each retry for the time, in ms, that the other end wants to be left alone. Default: none. */
  readonly leaveAloneMs?: () => number;
  readonly onRetry?: (info: RetryInfo) => void;
}

/** What one connection came to. */
interface Outcome {
  readonly error?: ConicError;
  readonly close?: CloseInfo;
  readonly stable: boolean;
}

/** The error that ends the iteration, for an outcome after which dialing again is of no use. */
function finalError({ close, error }: Outcome): ConicError | undefined {
  if (close === undefined) return error?.retryable === false ? error : undefined;
  if (mayReconnect(close.code)) return undefined;
  const code = Object.keys(errorCodes).find(
    (name) => isErrorCode(name) && errorCodeInfo(name).closeCode === close.code,
  );
  const text = `the other end closed with ${close.code}, after which one must not reconnect: ${close.reason}`;
  return new ConicError(isErrorCode(code) ? code : "closed", text, {
    details: { closeCode: close.code },
    ...(error === undefined ? {} : { cause: error }),
  });
}

/** More than this is no wish of a server that means well. */
const maxRetryAfterMs = 3_600_000;

/**
 * The pause before an attempt: the time that the server asked for, by Retry-After when it refused to be dialed, and
 * behind it the back-off: all those who were told the same time must not come back together.
 */
function pauseMs(backoffMs: number, { error, close }: Outcome, wishMs: number): number {
  const refusal = close === undefined ? error?.details["retryAfterMs"] : undefined;
  const asked = Math.max(wishMs, typeof refusal === "number" ? refusal : 0);
  return backoffMs + (asked > 0 ? Math.min(maxRetryAfterMs, asked) : 0);
}

async function wait(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  let cancel: (() => void) | undefined;
  const elapsed = new Promise<void>((resolve) => {
    cancel = clock.schedule(delayMs, resolve);
  });
  try {
    await raceAbort(elapsed, signal);
  } catch {
    // The caller looks at the signal.
  } finally {
    cancel?.();
  }
}

function retryInfo(attempt: number, delayMs: number, { error, close }: Outcome): RetryInfo {
  return {
    attempt,
    delayMs,
    ...(error === undefined ? {} : { error }),
    ...(close === undefined ? {} : { close }),
  };
}

/** How one connection went; undefined when the signal ended it. */
async function outcomeOf(
  lifetimeMs: Promise<number>,
  connection: Connection,
  signal: AbortSignal,
  stableAfterMs: number,
): Promise<Outcome | undefined> {
  const close = await connection.closed;
  if (signal.aborted) return undefined;
  const stable = (await lifetimeMs) >= stableAfterMs;
  return close.error === undefined ? { close, stable } : { close, stable, error: close.error };
}

async function* run(
  options: ReconnectingOptions,
  signal: AbortSignal,
): AsyncGenerator<Connection, void, undefined> {
  const { clock = systemClock, random = Math.random, stableAfterMs = 5_000 } = options;
  const stopped = (): boolean => signal.aborted;
  let attempt = 0;
  while (!stopped()) {
    const connection = options.dial(signal);
    // At once, and not when the loop body ends: the body may be waiting for this connection.
    const onStop = (): void => {
      void connection.close();
    };
    signal.addEventListener("abort", onStop, { once: true });
    let outcome: Outcome | undefined;
    try {
      const error = await connection.opened.then(
        () => undefined,
        (reason: unknown) => ConicError.from(reason, "unreachable"),
      );
      if (error === undefined) {
        const openedAt = clock.now();
        const lifetimeMs = connection.closed.then(() => clock.now() - openedAt);
        if (!stopped()) yield connection;
        outcome = await outcomeOf(lifetimeMs, connection, signal, stableAfterMs);
      } else outcome = { error, stable: false };
    } finally {
      signal.removeEventListener("abort", onStop);
      await connection.close();
    }
    if (outcome === undefined || stopped()) return;
    const final = finalError(outcome);
    if (final !== undefined && options.goesOn?.(final) !== true) throw final;
    attempt = outcome.stable ? 1 : attempt + 1;
    const backoffMs = backoffDelayMs(attempt, random, options.backoff);
    const delayMs = pauseMs(backoffMs, outcome, options.leaveAloneMs?.() ?? 0);
    options.onRetry?.(retryInfo(attempt, delayMs, outcome));
    await wait(clock, delayMs, signal);
  }
}

/**
 * Connections, one after the other: each is handed out when it is open; when it has closed, the next one is
 * dialed after a back-off. A connection belongs to the loop: leaving the loop, like the signal, closes it.
 *
 * A server that says when to come back (Retry-After, `details.retryAfterMs`) is left alone for as long, an hour at most.
 *
 * Ends when the signal fires. Throws when the close code forbids to reconnect (4500 to 4999, see `mayReconnect`)
 * and when dialing failed with an error that is not retryable, such as `unauthorized`, unless `goesOn` says so.
 */
export async function* reconnecting(
  options: ReconnectingOptions,
): AsyncGenerator<Connection, void, undefined> {
  const stop = new AbortController();
  const onAbort = (): void => {
    stop.abort(options.signal?.reason);
  };
  options.signal?.addEventListener("abort", onAbort, { once: true });
  if (options.signal?.aborted === true) onAbort();
  try {
    yield* run(options, stop.signal);
  } finally {
    options.signal?.removeEventListener("abort", onAbort);
    stop.abort();
  }
}
