import type { MessageStream } from "@conic/domain";

/**
 * Two ends of one stream. They may still be connecting: the suite awaits `opened` of both. Each takes at least five
 * small messages that nobody reads.
 */
export interface StreamPair<T> {
  readonly a: MessageStream<T>;
  readonly b: MessageStream<T>;
  /** Frees what is below the streams, however they ended. */
  readonly dispose: () => Promise<void>;
}

/** How to make and compare messages. */
export interface MessageFactory<T> {
  /** Message number `index`, different from those of other numbers, about `bytes` long. */
  readonly make: (index: number, bytes: number) => T;
  readonly equals: (a: T, b: T) => boolean;
}

/** What implementations may do differently, or cannot do. */
export interface MessageStreamCapabilities<T> {
  /**
   * What `send` does when the buffer is full: throws `slow_consumer` and ends the stream, or throws `buffer_full`
   * and leaves it open.
   */
  readonly overflow: "evicts" | "refuses";
  /** Whether code and reason of a close reach the other end. Default true; data channels carry neither. */
  readonly conveysCloseCode?: boolean;
  /**
   * Whether what an end has sent arrives although the other one closes in the same moment. Default true; in a tunnel,
   * something in between answers the close before that end knows.
   */
  readonly crossesClose?: boolean;
  /** Whether a sender waits for who reads at the other end. Default true; data channels wait for the network alone. */
  readonly readerSlowsSender?: boolean;
  /** `ready()` resolves at or below this. Default: not checked. */
  readonly lowWaterMarkBytes?: number;
  /** Largest message that `send` takes. Default: not checked. */
  readonly maxMessageBytes?: number;
  /** Size of the messages that fill buffers, the largest that the suite sends. Default 16 384. */
  readonly bulkMessageBytes?: number;
  /** A stream that has not opened yet, to be misused before it does. Default: not checked. */
  readonly connecting?: () => Promise<{
    readonly stream: MessageStream<T>;
    readonly dispose: () => Promise<void>;
  }>;
}

export interface StreamContract<T> {
  readonly makePair: () => Promise<StreamPair<T>>;
  readonly messages: MessageFactory<T>;
  readonly capabilities: MessageStreamCapabilities<T>;
}
