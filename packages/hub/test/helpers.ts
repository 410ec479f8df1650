import {
  isConicError,
  parseClientId,
  type Client,
  type ClientId,
  type ConicError,
} from "@conic/domain";
import { FakeConnection } from "./fake-connection.js";

export function id(text: string): ClientId {
  return parseClientId(text);
}

export function clientOf(name: string, connection: FakeConnection = new FakeConnection()): Client {
  return { id: id(name), connection, registeredAt: 0 };
}

/** The code of the ConicError that `action` throws; undefined when it throws none. */
export function codeOf(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (isConicError(error)) return error.code;
    throw error;
  }
}

export async function rejectionOf(promise: Promise<unknown>): Promise<ConicError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (isConicError(error)) return error;
  throw new Error("it did not reject with a ConicError", { cause: error });
}

/** Lets every promise that can settle now do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
