import {
  ConicError,
  consume,
  deferred,
  type AbortOptions,
  type CloseInfo,
  type CloseOptions,
  type Connection,
  type Frame,
  type NodeId,
  type Receiver,
  type StreamState,
} from "@conic/domain";
import { WrappedConnection } from "../../session/wrapped-connection.js";

/** How a segment ends whose client goes on at another node. By identity: no other end is equal to it. */
export const moved: CloseInfo = Object.freeze({ code: 1000, reason: "moved", wasClean: true });

/** Where a client goes on. */
export interface Departure {
  readonly node: NodeId;
  /** What it sent and nobody has handled, in order. */
  readonly frames: readonly Frame[];
  /** Time for which it has held no id. */
  readonly waitedMs: number;
}

/**
 * A connection for as long as its client is served by this node. It ends when the connection does, or earlier, when the
 * client asks for an id whose home is elsewhere; what is unread then stays in the connection for whoever comes next.
 */
export class Segment extends WrappedConnection {
  readonly #closed = deferred<CloseInfo>();
  readonly #early: Frame[];
  readonly #onMoved: (departure: Departure) => void;
  #departure: Departure | undefined;
  #left = false;

  /**
   * @param early comes before what is read from the connection.
   * @param onMoved takes over the connection, once nobody reads it here any more.
   */
  constructor(inner: Connection, early: readonly Frame[], onMoved: (departure: Departure) => void) {
    super(inner);
    this.#early = [...early];
    this.#onMoved = onMoved;
    void inner.closed.then((info) => {
      this.#closed.resolve(info);
    });
  }

  override get readyState(): StreamState {
    return this.#departure !== undefined ? "closed" : this.inner.readyState;
  }

  override get bufferedAmount(): number {
    return this.#departure !== undefined ? 0 : this.inner.bufferedAmount;
  }

  override get closed(): Promise<CloseInfo> {
    return this.#closed.promise;
  }

  override send(frame: Frame): boolean {
    if (this.#departure !== undefined) throw gone();
    return this.inner.send(frame);
  }

  override ready(options?: AbortOptions): Promise<void> {
    return this.#departure !== undefined ? Promise.reject(gone()) : this.inner.ready(options);
  }

  override async close(options?: CloseOptions): Promise<void> {
    if (this.#departure === undefined) await this.inner.close(options);
  }

  override abort(reason: ConicError): void {
    if (this.#departure === undefined) this.inner.abort(reason);
  }

  override async consume(receive: Receiver<Frame>): Promise<void> {
    for (let early = this.#nextEarly(); early !== undefined; early = this.#nextEarly()) {
      const pending = receive(early);
      if (pending !== undefined) await pending;
    }
    try {
      if (this.#departure === undefined) await consume(this.inner, this.#until(receive));
    } catch (error) {
      if (error !== left) throw error;
    }
    this.#leave();
  }

  override [Symbol.asyncIterator](): AsyncIterator<Frame> {
    const frames = this.inner[Symbol.asyncIterator]();
    const leave = async (): Promise<IteratorResult<Frame, undefined>> => {
      await frames.return?.();
      this.#leave();
      return { done: true, value: undefined };
    };
    return {
      next: () => {
        if (this.#departure !== undefined) return leave();
        const early = this.#early.shift();
        if (early !== undefined) return Promise.resolve({ done: false, value: early });
        return frames.next();
      },
      return: leave,
    };
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The client goes on elsewhere, with this frame as its first, which is being handled. Called by who reads. */
  move(node: NodeId, frame: Frame, waitedMs: number): void {
    if (this.#departure !== undefined) return;
    this.#departure = { node, frames: [frame, ...this.#early.splice(0)], waitedMs };
    this.#closed.resolve(moved);
  }

  #nextEarly(): Frame | undefined {
    return this.#departure === undefined ? this.#early.shift() : undefined;
  }

  /** Ends the loop behind the frame with which the client moved: the next one is read elsewhere. */
  #until(receive: Receiver<Frame>): Receiver<Frame> {
    const check = (): void => {
      if (this.#departure !== undefined) throw left;
    };
    return (frame) => receive(frame)?.then(check);
  }

  /** Nobody reads the connection here any more: another loop may begin. */
  #leave(): void {
    const departure = this.#departure;
    if (departure === undefined || this.#left) return;
    this.#left = true;
    this.#onMoved(departure);
  }
}

const left = Symbol("left");

function gone(): ConicError {
  return new ConicError("closed", "the client goes on at another node");
}
