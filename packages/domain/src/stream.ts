import type { CloseInfo, CloseOptions } from "./close.js";
import type { ConicError } from "./errors.js";
import type { AbortOptions } from "./util/abort.js";

export type StreamState = "connecting" | "open" | "closing" | "closed";

/**
 * A full-duplex stream of whole messages with backpressure: a WebSocket, the in-memory pair, a data channel.
 *
 * Reading is `for await (const message of stream)`, by one loop at a time. The iteration ends when the stream is
 * closed and what had arrived before is read; it never throws because the other end went away — `closed` says
 * how the stream ended. Leaving the loop does not close the stream.
 */
export interface MessageStream<T> extends AsyncIterable<T>, AsyncDisposable {
  readonly readyState: StreamState;
  /** Bytes accepted by `send` that the layer below has not taken yet. */
  readonly bufferedAmount: number;
  /** Resolves when the stream is open; rejects when it closes before that. */
  readonly opened: Promise<void>;
  /** Resolves once, when the stream is closed, however that happened. Never rejects. */
  readonly closed: Promise<CloseInfo>;
  /**
   * Queues a message. Returns false when `bufferedAmount` is now above the high-water mark: the message is
   * accepted all the same, and a well-behaved sender waits for `ready()`.
   *
   * @throws ConicError `invalid_state` before the stream is open, `closed` after it closed, `too_large` for a
   * message above the limit, and, where the implementation refuses rather than evicts, `buffer_full`.
   */
  send(data: T): boolean;
  /**
   * Resolves when `bufferedAmount` is at or below the low-water mark; at once if it never rose above the high one.
   * Rejects with `closed` when the stream ends first, and with `aborted`.
   */
  ready(options?: AbortOptions): Promise<void>;
  /** Sends what is queued, then closes with a handshake. Idempotent; resolves when closed. */
  close(options?: CloseOptions): Promise<void>;
  /** Closes now and drops what is queued. */
  abort(reason: ConicError): void;
  /**
   * Reads without a promise per message, as the one loop: `receive` is called with each message, in order and one at
   * a time, from within the event that brings it. While the promise that it returned is pending, messages wait as
   * they do for a loop that does not ask. Resolves when a loop would end; rejects with what `receive` throws or
   * rejects with, after which a later loop may go on. Use `consume` of this package, which reads any stream.
   */
  consume?(receive: Receiver<T>): Promise<void>;
}

/** Takes a message; returns a promise when it is not done with it yet, and then gets no other before it settles. */
export type Receiver<T> = (message: T) => Promise<void> | undefined;

/**
 * Hands each message of a stream to `receive`: by its own `consume`, or by a loop, where it has none.
 * @throws ConicError `invalid_state`, as a rejection, when it is being read already.
 */
export function consume<T>(stream: MessageStream<T>, receive: Receiver<T>): Promise<void> {
  return stream.consume?.(receive) ?? loop(stream, receive);
}

async function loop<T>(stream: MessageStream<T>, receive: Receiver<T>): Promise<void> {
  for await (const message of stream) {
    const pending = receive(message);
    if (pending !== undefined) await pending;
  }
}
