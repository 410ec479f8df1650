import { ConicError, type Connection } from "@conic/domain";
import { encodeMessage, type ClientMessage } from "@conic/protocol";

interface Waiting {
  readonly message: ClientMessage;
  readonly resolve: () => void;
  readonly reject: (error: ConicError) => void;
}

/** Messages to the server, in order; they wait, bounded, while there is no registered connection. */
export class Outbox {
  readonly #maxQueued: number;
  #waiting: Waiting[] = [];
  #connection: Connection | undefined;
  #closed: ConicError | undefined;

  constructor(maxQueuedMessages: number) {
    this.#maxQueued = maxQueuedMessages;
  }

  /** Resolves when the message was handed to a connection. */
  send(message: ClientMessage): Promise<void> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    const connection = this.#connection;
    if (connection !== undefined) {
      try {
        connection.send(encodeMessage(message));
        return Promise.resolve();
      } catch (error) {
        // A connection that ended a moment ago: the message waits for the next one.
        if (connection.readyState === "open")
          return Promise.reject(ConicError.from(error, "internal"));
      }
    }
    if (this.#waiting.length >= this.#maxQueued) {
      const text = `${this.#maxQueued} messages wait for the server: try again when it is back`;
      return Promise.reject(new ConicError("buffer_full", text));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ message, resolve, reject });
    });
  }

  /** A registered connection: what waited goes out on it. */
  attach(connection: Connection): void {
    this.#connection = connection;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { message, resolve, reject } of waiting) this.send(message).then(resolve, reject);
  }

  detach(): void {
    this.#connection = undefined;
  }

  close(reason: ConicError): void {
    this.#closed = reason;
    this.#connection = undefined;
    for (const { reject } of this.#waiting.splice(0)) reject(reason);
  }
}
