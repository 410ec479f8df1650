import { ConicError } from "../errors.js";

/** Every wait takes one: when the signal fires, the wait rejects with `aborted` and frees what it held. */
export interface AbortOptions {
  readonly signal?: AbortSignal | undefined;
}

/** The error of a wait whose signal fired; the signal's reason is its cause. */
export function abortError(signal: AbortSignal): ConicError<"aborted"> {
  return new ConicError("aborted", "the operation was aborted", { cause: signal.reason });
}

/** @throws ConicError `aborted` when the signal has fired already. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortError(signal);
}

/**
 * `promise`, or a rejection with `aborted` as soon as the signal fires. The promise itself goes on; its late
 * rejection is handled. The listener is removed in every case.
 */
export async function raceAbort<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return promise;
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      reject(abortError(signal));
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener("abort", onAbort);
    promise.catch(() => undefined);
  }
}
