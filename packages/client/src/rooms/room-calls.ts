import {
  AsyncQueue,
  ConicError,
  deferred,
  isConicError,
  raceAbort,
  type AbortOptions,
  type ClientId,
  type Deferred,
} from "@conic/domain";
import type { PeerConnection } from "@conic/webrtc";
import type { IncomingCall } from "../calls/incoming-call.js";

/** Calls of one room that are set up at once; the others wait for them. */
export const maxRoomCallsAtOnce = 8;

export interface RoomCallsOptions {
  readonly call: (id: ClientId, options: AbortOptions) => Promise<PeerConnection>;
  readonly isPresent: (id: ClientId) => boolean;
  readonly fault: (error: ConicError) => void;
  readonly maxPeers: number;
  /** The caller's, and that of the room. */
  readonly signal: AbortSignal;
}

/**
 * The connections to the members of a room, each once, as they come to stand. Made by `room.callAll()`. Leaving the
 * room, or the signal, ends it and the calls that are being set up; connections that stand are the reader's.
 */
export class RoomCalls implements AsyncIterable<PeerConnection> {
  readonly #options: RoomCallsOptions;
  readonly #connections: AsyncQueue<PeerConnection>;
  readonly #seen = new WeakSet<PeerConnection>();
  readonly #waiting = new Set<ClientId>();
  #active = 0;
  #idle: Deferred<void> | undefined;

  /** @internal */
  constructor(options: RoomCallsOptions) {
    this.#options = options;
    this.#connections = new AsyncQueue({ maxItems: options.maxPeers });
    const end = (): void => {
      this.#connections.end();
      this.#waiting.clear();
      this.#rest();
    };
    options.signal.addEventListener("abort", end, { once: true });
    if (options.signal.aborted) end();
  }

  get ended(): boolean {
    return this.#connections.ended;
  }

  /** Resolves when no call is being set up: everybody who was called is connected, or cannot be reached. */
  settled(options: AbortOptions = {}): Promise<void> {
    if (this.#active === 0) return Promise.resolve();
    this.#idle ??= deferred<void>();
    return raceAbort(this.#idle.promise, options.signal);
  }

  [Symbol.asyncIterator](): AsyncIterator<PeerConnection, undefined> {
    return this.#connections[Symbol.asyncIterator]();
  }

  /** @internal */
  call(ids: Iterable<ClientId>): void {
    if (this.ended) return;
    for (const id of ids) this.#waiting.add(id);
    this.#proceed();
  }

  /**
   * A member calls.
   * @internal
   */
  answer(call: IncomingCall): void {
    const { remoteId } = call;
    const connection = call.accept();
    this.#follow(
      remoteId,
      connection.connected.then(() => connection),
    );
  }

  #proceed(): void {
    for (const id of this.#waiting) {
      if (this.#active >= maxRoomCallsAtOnce) return;
      this.#waiting.delete(id);
      if (!this.#options.isPresent(id)) continue;
      this.#follow(id, this.#options.call(id, { signal: this.#options.signal }));
    }
    this.#rest();
  }

  #follow(id: ClientId, calling: Promise<PeerConnection>): void {
    this.#active += 1;
    void calling
      .then(
        (connection) => {
          this.#add(connection);
        },
        (error: unknown) => {
          this.#failed(id, error);
        },
      )
      .finally(() => {
        this.#active -= 1;
        this.#proceed();
      });
  }

  #add(connection: PeerConnection): void {
    if (this.#seen.has(connection) || this.ended) return;
    this.#seen.add(connection);
    if (this.#connections.push(connection)) return;
    const text = `nobody reads the calls of the room: that of ${connection.remoteId} was ended`;
    const error = new ConicError("buffer_full", text);
    connection.abort(error);
    this.#options.fault(error);
  }

  #failed(id: ClientId, error: unknown): void {
    // Whoever left, or is just leaving, is no fault.
    if (this.ended || isConicError(error, "target_not_found") || !this.#options.isPresent(id))
      return;
    const { code, message } = ConicError.from(error, "connection_failed");
    const text = `no connection to ${id}: ${message}`;
    this.#options.fault(new ConicError(code, text, { cause: error, details: { peer: id } }));
  }

  #rest(): void {
    if (this.#active > 0) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  }
}
