import {
  ConicError,
  deferred,
  isConicError,
  type AbortOptions,
  type CloseInfo,
  type CloseOptions,
  type Clock,
  type Connection,
  type Frame,
  type StreamState,
} from "@conic/domain";
import { Acknowledger, ackIntervalMs, encodeMessage } from "@conic/protocol";
import { Mailbox, type MailboxLimits, type Undelivered } from "./mailbox.js";

export interface ClientSessionSetup {
  readonly connection: Connection;
  readonly limits: MailboxLimits;
  readonly resumeTtlMs: number;
  readonly clock: Clock;
  /** The client did not come back, or more waited for it than is kept: the id is to be given up. */
  readonly onLost: () => void;
  /** Called once, at the end. */
  readonly onUndelivered: (undelivered: Undelivered) => void;
}

type State =
  | { readonly status: "attached"; readonly connection: Connection }
  | { readonly status: "away"; readonly untilMs: number; readonly cancelTimer: () => void }
  | { readonly status: "over" };

/**
 * What outlives the connection of a client (docs/protocol.md, "Sessions"). To the hub it is the connection: it keeps
 * what is sent until the client has acknowledged it.
 *
 * ```
 * attached --detach()--> away       (resumeTtlMs runs while away)
 * away     --attach()--> attached
 * any      --end()-----> over
 * ```
 */
export class ClientSession implements Connection {
  readonly id: string;
  readonly protocol: string;
  readonly remoteAddress: string;
  readonly opened: Promise<void> = Promise.resolve();
  readonly #setup: ClientSessionSetup;
  readonly #mailbox: Mailbox;
  readonly #acknowledger = new Acknowledger();
  readonly #closed = deferred<CloseInfo>();
  #state: State;
  #cancelAck: (() => void) | undefined;
  #busy: Promise<void> | undefined;
  #confirmed = false;

  constructor(setup: ClientSessionSetup) {
    const { connection, limits } = setup;
    this.id = connection.id;
    this.protocol = connection.protocol;
    this.remoteAddress = connection.remoteAddress;
    this.#setup = setup;
    this.#mailbox = new Mailbox(limits);
    this.#state = { status: "attached", connection };
  }

  get readyState(): StreamState {
    return this.#state.status === "over" ? "closed" : "open";
  }

  get bufferedAmount(): number {
    return this.#connection?.bufferedAmount ?? 0;
  }

  get closed(): Promise<CloseInfo> {
    return this.#closed.promise;
  }

  /** Whether the client has shown that it knows the secret of this session. */
  get confirmed(): boolean {
    return this.#confirmed;
  }

  /** Frames of the client that were handled. */
  get taken(): number {
    return this.#acknowledger.received;
  }

  /** A frame that came with the last connection is being handled still: its outcome decides what was taken. */
  get busy(): Promise<void> | undefined {
    return this.#busy;
  }

  /** Time left to come back; undefined when the client is not away. */
  get awayForMs(): number | undefined {
    if (this.#state.status !== "away") return undefined;
    return Math.max(0, this.#state.untilMs - this.#setup.clock.now());
  }

  send(frame: Frame): boolean {
    const state = this.#state;
    if (state.status === "over") throw new ConicError("closed", "the session is over");
    // A connection that is closing: whether the client comes back is decided when it is closed.
    if (state.status === "away" || state.connection.readyState !== "open") return this.#hold(frame);
    let fluent: boolean;
    try {
      fluent = state.connection.send(frame);
    } catch (error) {
      if (isConicError(error, "closed")) return this.#hold(frame);
      if (isConicError(error, "slow_consumer")) this.#setup.onLost();
      throw error;
    }
    if (!this.#mailbox.sent(frame)) {
      const text = "the client acknowledges nothing of what it is sent";
      state.connection.abort(new ConicError("slow_consumer", text));
      this.#setup.onLost();
    }
    return fluent;
  }

  /** A frame of the client is being handled; once it is, it is taken, before anybody hears that it is. */
  follow(pending: Promise<void>): Promise<void> {
    const busy = pending.then(() => {
      this.take();
      if (this.#busy === busy) this.#busy = undefined;
    });
    this.#busy = busy;
    return busy;
  }

  /** A frame of the client was handled. */
  take(): void {
    const when = this.#acknowledger.count();
    if (when === "now") this.tell();
    if (when !== "later" || this.#state.status !== "attached") return;
    this.#cancelAck ??= this.#setup.clock.schedule(ackIntervalMs, () => {
      this.#cancelAck = undefined;
      this.tell();
    });
  }

  /** Tells the client what was taken, if there is news. */
  tell(): void {
    const connection = this.#connection;
    if (!this.#acknowledger.owes || connection?.readyState !== "open") return;
    const body = { Received: this.#acknowledger.tell() };
    try {
      connection.send(encodeMessage({ type: "ack", body }));
    } catch {
      // How the connection ended is told by `closed`; the next one begins with this count.
    }
  }

  /** @throws ConicError `invalid_message` for more than there was. */
  acknowledge(received: number): void {
    this.#confirmed = true;
    if (this.#mailbox.acknowledge(received)) return;
    const { count } = this.#mailbox;
    throw new ConicError("invalid_message", `you acknowledge ${received} of ${count} frames`);
  }

  canResume(received: number): boolean {
    return this.#state.status !== "over" && this.#mailbox.canResume(received);
  }

  /** Frames that were never written to a connection; they are the caller's now. */
  takeWaiting(): readonly Frame[] {
    return this.#mailbox.takeWaiting();
  }

  /** The client is back: sends what it has not received. */
  attach(connection: Connection, received: number): void {
    if (this.#state.status === "over") return;
    if (this.#state.status === "away") this.#state.cancelTimer();
    this.#state = { status: "attached", connection };
    this.#acknowledger.tell();
    try {
      for (const frame of this.#mailbox.resume(received)) connection.send(frame);
    } catch (error) {
      // Of one that closed, the client will ask again.
      if (!isConicError(error, "closed")) this.#setup.onLost();
    }
  }

  /** The connection is gone; the client has `resumeTtlMs` to come back. False when it was gone already. */
  detach(): boolean {
    if (this.#state.status !== "attached") return false;
    const { clock, resumeTtlMs, onLost } = this.#setup;
    this.#cancelAck?.();
    this.#cancelAck = undefined;
    this.#mailbox.away();
    const cancelTimer = clock.schedule(resumeTtlMs, onLost);
    this.#state = { status: "away", untilMs: clock.now() + resumeTtlMs, cancelTimer };
    return true;
  }

  /** It is over: reports what may not have arrived. Idempotent. */
  end(): void {
    const state = this.#state;
    if (state.status === "over") return;
    this.#state = { status: "over" };
    if (state.status === "away") state.cancelTimer();
    this.#cancelAck?.();
    this.#cancelAck = undefined;
    this.#closed.resolve({ code: 1000, reason: "", wasClean: true });
    this.#setup.onUndelivered(this.#mailbox.end());
  }

  async ready(options?: AbortOptions): Promise<void> {
    await this.#connection?.ready(options);
  }

  async close(options?: CloseOptions): Promise<void> {
    const connection = this.#connection;
    this.end();
    await connection?.close(options);
  }

  abort(reason: ConicError): void {
    const connection = this.#connection;
    this.end();
    connection?.abort(reason);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** A session is written to; what the client sends is read from its connections. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Frame, void, undefined> {}

  get #connection(): Connection | undefined {
    return this.#state.status === "attached" ? this.#state.connection : undefined;
  }

  #hold(frame: Frame): boolean {
    if (this.#mailbox.hold(frame)) return true;
    this.#setup.onLost();
    throw new ConicError("buffer_full", "more waits for the client than is kept");
  }
}
