import { ConicError, systemClock, type Clock, type Connection, type Frame } from "@conic/domain";
import { encodeMessage, SendWindow, type ClientMessage } from "@conic/protocol";
import { Pace, retryAfter } from "./pace.js";
import type { Registered } from "./registration.js";

interface Waiting {
  readonly message: ClientMessage;
  readonly resolve: () => void;
  readonly reject: (error: ConicError) => void;
}

interface Sent {
  readonly message: ClientMessage;
  /** Its correlation id on the wire. */
  readonly id: string | undefined;
  readonly frame: Frame;
}

/** Of a message that goes out again: whoever sent it was told that it went out. */
const nobody = { resolve: (): void => undefined, reject: (): void => undefined };

/** Bytes that the server has not acknowledged; more messages wait. */
const maxUnacknowledgedBytes = 1_048_576;

/**
 * Messages to the server, in order; they wait, bounded, while there is no registered connection. In a session, those
 * that the server has not acknowledged are kept: it is asked on its return what it has taken, and gets the rest again.
 */
export class Outbox {
  readonly #maxQueued: number;
  readonly #onUndelivered: (message: ClientMessage, error: ConicError) => void;
  readonly #sent = new SendWindow<Sent>(({ frame }) => frame.byteLength);
  readonly #pace: Pace;
  #waiting: Waiting[] = [];
  #connection: Connection | undefined;
  /** Whether the connection has a session. */
  #keeps = false;
  #closed: ConicError | undefined;

  constructor(
    maxQueuedMessages: number,
    onUndelivered: (message: ClientMessage, error: ConicError) => void,
    clock: Clock = systemClock,
  ) {
    this.#maxQueued = maxQueuedMessages;
    this.#onUndelivered = onUndelivered;
    this.#pace = new Pace(clock, () => {
      const again = this.#pace.takeRefused().map((message) => ({ message, ...nobody }));
      this.#waiting.unshift(...again);
      this.#drain();
    });
  }

  /** Resolves when the message was handed to a connection. */
  send(message: ClientMessage): Promise<void> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    if (this.#waiting.length === 0 && this.#mayWrite()) {
      try {
        if (this.#write(message)) return Promise.resolve();
      } catch (error) {
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

  /**
   * Sends in front of what waits; false when there is no registered connection. For what is out of date once that ends:
   * it takes its place in the session as every message, and goes out again without what made it so.
   */
  sendNow(message: ClientMessage<"register">): boolean {
    try {
      return this.#write(message);
    } catch {
      return false;
    }
  }

  /** A registered connection: what the server has not taken goes out on it, then what waited. */
  attach(connection: Connection, { received, resumed }: Registered): void {
    this.#connection = connection;
    this.#keeps = received !== undefined;
    if (resumed && received !== undefined && this.#sent.canResume(received)) {
      this.#sent.acknowledge(received);
      this.#sendAgain(connection);
    } else this.#giveUp();
    this.#drain();
  }

  /** The server has taken this many messages of the session. */
  acknowledge(received: number): void {
    if (!this.#sent.isPossible(received)) return;
    this.#sent.acknowledge(received);
    this.#drain();
  }

  /** Whether the error is about a message that the server refused for now, which goes out again in a while. */
  refused(error: ConicError): boolean {
    const retryAfterMs = retryAfter(error);
    const { id } = error.details;
    if (retryAfterMs === undefined || id === undefined) return false;
    const sent = this.#sent.items().find((one) => one.id === id);
    if (sent === undefined || sent.message.type === "register") return false;
    this.#pace.refuse(sent.message, retryAfterMs);
    return true;
  }

  detach(): void {
    this.#connection = undefined;
  }

  close(reason: ConicError): void {
    this.#closed = reason;
    this.#connection = undefined;
    this.#sent.reset();
    this.#pace.close();
    for (const { reject } of this.#waiting.splice(0)) reject(reason);
  }

  #mayWrite(): boolean {
    if (this.#connection === undefined) return false;
    const { size } = this.#sent;
    return size < this.#pace.window(this.#maxQueued) && this.#sent.bytes < maxUnacknowledgedBytes;
  }

  /** False when the connection ended a moment ago: the message waits for the next one. */
  #write(message: ClientMessage): boolean {
    const connection = this.#connection;
    if (connection === undefined) return false;
    const marked = this.#keeps ? this.#pace.mark(message) : message;
    const frame = encodeMessage(marked);
    try {
      connection.send(frame);
    } catch (error) {
      if (connection.readyState === "open") throw error;
      return false;
    }
    if (this.#keeps) this.#sent.add({ message, id: marked.id, frame });
    return true;
  }

  #drain(): void {
    while (this.#mayWrite()) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      try {
        if (this.#write(next.message)) next.resolve();
        else {
          this.#waiting.unshift(next);
          return;
        }
      } catch (error) {
        next.reject(ConicError.from(error, "internal"));
      }
    }
  }

  #sendAgain(connection: Connection): void {
    try {
      for (const sent of this.#sent.items()) connection.send(repeated(sent));
    } catch (error) {
      // It ended again; the next one is told the count again.
      if (connection.readyState === "open") connection.abort(ConicError.from(error, "internal"));
    }
  }

  /** A new session, or none: what became of the last messages of the old one, nobody can say. */
  #giveUp(): void {
    for (const { message } of this.#sent.reset()) {
      const text = "the server lost this session: the message may not have arrived; send it again";
      const target = "TargetID" in message.body ? { targetId: message.body.TargetID } : {};
      const error = new ConicError("connection_failed", text, { details: target });
      this.#onUndelivered(message, error);
    }
  }
}

/**
 * A message counts in the session, and must not be left out. But a token that was to renew may have ended while the
 * client was away, and would end the connection: without one, `register` is refused and does no harm.
 */
function repeated({ message, frame }: Sent): Frame {
  if (message.type !== "register") return frame;
  return encodeMessage({ ...message, body: {} });
}
