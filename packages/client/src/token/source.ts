import {
  abortError,
  ConicError,
  isConicError,
  raceAbort,
  throwIfAborted,
  type Clock,
} from "@conic/domain";

/**
 * Why a token is asked for:
 *
 * - `connect`, `reconnect`: the client registers; one that was kept, and is good still, will do.
 * - `renew`: the one before ends soon, or the server has refused it. A new one is wanted.
 */
export type TokenReason = "connect" | "reconnect" | "renew";

export interface TokenRequest {
  readonly reason: TokenReason;
  /** Fires when the answer is of no use any more: the connection ended, the client closed, or it took too long. */
  readonly signal: AbortSignal;
}

/**
 * Asked for a token before each registration. What it throws is a `fault`, and asked again later; a ConicError that is
 * not retryable, such as `unauthorized`, ends the client.
 */
export type TokenFunction = (request: TokenRequest) => string | Promise<string>;

/** The reasons in `details.reason` of errors about tokens. */
export type TokenFailure =
  /** The server wants a token, and there is none. */
  | "token_missing"
  /** The server does not take it. */
  | "token_refused"
  /** The server took it, and it has ended since. */
  | "token_ended"
  /** The function that is asked for tokens failed. */
  | "token_unavailable";

/** An `unauthorized` of the server, which says as well what was wrong with the token. */
export function unauthorized(error: ConicError, reason: TokenFailure): ConicError {
  const { details, message, cause } = error;
  return new ConicError("unauthorized", message, {
    details: { ...details, reason },
    ...(cause === undefined ? {} : { cause }),
  });
}

function unavailable(error: unknown): ConicError {
  if (isConicError(error)) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new ConicError("internal", `the token could not be had: ${text}`, {
    cause: error,
    details: { reason: "token_unavailable" },
  });
}

function timedOut(timeoutMs: number): ConicError {
  return new ConicError("timeout", `the token was not there within ${timeoutMs} ms`, {
    details: { reason: "token_unavailable" },
  });
}

/**
 * Calls the function, and waits for it within a time.
 * @throws ConicError `timeout`, `aborted`; its own, or `internal` with what it threw as the cause.
 */
export async function askForToken(
  ask: TokenFunction,
  reason: TokenReason,
  options: { readonly signal: AbortSignal; readonly timeoutMs: number; readonly clock: Clock },
): Promise<string> {
  const { signal, timeoutMs, clock } = options;
  throwIfAborted(signal);
  const stop = new AbortController();
  const onAbort = (): void => {
    stop.abort(abortError(signal));
  };
  signal.addEventListener("abort", onAbort, { once: true });
  const cancelTimer = clock.schedule(timeoutMs, () => {
    stop.abort(timedOut(timeoutMs));
  });
  try {
    // Called behind a promise: what it throws at once is a rejection too.
    const asking = Promise.resolve().then(() => ask({ reason, signal: stop.signal }));
    const token: unknown = await raceAbort(asking, stop.signal);
    if (typeof token === "string" && token !== "") return token;
    throw new TypeError("the function gave no text");
  } catch (error) {
    throw stop.signal.aborted ? (stop.signal.reason as ConicError) : unavailable(error);
  } finally {
    cancelTimer();
    signal.removeEventListener("abort", onAbort);
  }
}
