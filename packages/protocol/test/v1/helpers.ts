import { isConicError, parseClientId, type ClientId, type ConicError } from "@conic/domain";

export const alice: ClientId = parseClientId("alice");
export const bob: ClientId = parseClientId("bob");

/** The ConicError that `action` throws; fails when it throws anything else, or nothing. */
export function thrownBy(action: () => unknown): ConicError {
  try {
    action();
  } catch (error) {
    if (isConicError(error)) return error;
    throw new Error("it threw something else than a ConicError", { cause: error });
  }
  throw new Error("it threw nothing");
}

/** What `action` returns, or the code and correlation id of the ConicError it throws; other errors go on. */
export type Outcome<T> = { readonly value: T } | { readonly error: string; readonly id: unknown };

export function outcome<T>(action: () => T): Outcome<T> {
  try {
    return { value: action() };
  } catch (error) {
    if (isConicError(error)) return { error: error.code, id: error.details["id"] };
    throw error;
  }
}
