import { ConicError, isConicError, type ErrorCode, type MessageStream } from "@conic/domain";
import { turns, watchLeaks } from "#platform";
import type { StreamContract, StreamPair } from "./types.js";

/** Runs `body` on a pair that is open, then frees it and fails on what it left behind. */
export async function withPair<T>(
  contract: StreamContract<T>,
  body: (pair: StreamPair<T>) => Promise<void>,
): Promise<void> {
  const checkLeaks = watchLeaks();
  const pair = await contract.makePair();
  try {
    await Promise.all([pair.a.opened, pair.b.opened]);
    await body(pair);
  } finally {
    pair.a.abort(new ConicError("aborted", "the test is over"));
    pair.b.abort(new ConicError("aborted", "the test is over"));
    await pair.dispose();
  }
  await checkLeaks();
}

/** The code of the ConicError that `run` throws or rejects with; "none" when it does neither. */
export async function codeOf(run: () => unknown): Promise<ErrorCode | "none"> {
  try {
    await run();
    return "none";
  } catch (error) {
    if (isConicError(error)) return error.code;
    throw error;
  }
}

// Kernel buffers of a socket grow to some MiB before the stream's own buffer does.
const giveUpBytes = 256 * 1_048_576;

/** Sends messages that nobody reads until `send` returns false; returns how many were sent. */
export function fill<T>(stream: MessageStream<T>, contract: StreamContract<T>, from = 0): number {
  const bytes = contract.capabilities.bulkMessageBytes ?? 16_384;
  for (let sent = 1; sent * bytes < giveUpBytes; sent += 1) {
    if (!stream.send(contract.messages.make(from + sent - 1, bytes))) return sent;
  }
  throw new Error("send never reported backpressure");
}

/** Whether the promise is still pending after everything that is ready to run has run. */
export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol("pending");
  const later = turns().then(() => pending);
  const first = await Promise.race([
    promise.then(
      () => "settled",
      () => "settled",
    ),
    later,
  ]);
  return first === pending;
}
