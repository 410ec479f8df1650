import {
  consume,
  errorCodeInfo,
  ConicError,
  isErrorCode,
  type ClientId,
  type Clock,
  type CloseInfo,
  type Connection,
  type Frame,
  type Logger,
} from "@conic/domain";
import {
  errorMessage,
  type ClientMessage,
  type Decoded,
  type RouterSession,
  type ServerMessage,
} from "@conic/protocol";
import { fullAccess, type Access } from "../access/grant.js";
import { dialectOf, negotiatedDialect } from "../dialect/dialect.js";
import type { Dialect } from "../dialect/types.js";
import type { Guard } from "../limits/guard.js";
import { maxTimerMs } from "../options.js";
import type { ClientSession } from "../resume/client-session.js";
import { mayReturn } from "../resume/leaving.js";
import type { Counters } from "../stats.js";
import type { Deadlines, Expiring } from "./deadlines.js";

/** The right to an id. Disposing it gives the id back; disposing it twice does nothing. */
export interface Holding extends Disposable {
  readonly id: ClientId;
  /** The secret that reclaims the id. */
  readonly resume: string;
  /** False once the id was given back, by whomever. */
  readonly active: boolean;
  /** What outlives the connection; undefined for a client that takes no part in it. */
  readonly session: ClientSession | undefined;
  /** The client has received this many frames of the session, and the newest secret. */
  confirm(received: number): void;
  /** The connection is gone, and the client may come back. */
  detach(): void;
}

/** What the peers of a server have in common. */
export interface PeerSetup {
  /** Of those who have not registered. */
  readonly deadlines: Deadlines;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly counters: Counters;
  /** Called once, when the connection is closed. */
  readonly onClosed: (peer: Peer, info: CloseInfo) => void;
}

export interface PeerParts {
  readonly connection: Connection;
  /** As it came to the server; `connection` may be a layer above it. */
  readonly source: Connection;
  readonly guard: Guard;
  /** What of the time to register has passed at another node. */
  readonly waitedMs: number;
}

/** One for all: what holds no timer has none to cancel. */
const noTimer = (): void => undefined;

type PeerState =
  | { readonly status: "waiting" }
  | {
      readonly status: "holding";
      readonly holding: Holding;
      readonly access: Access;
      readonly cancelTimer: () => void;
    }
  | { readonly status: "ended" };

// Without anything of their own: one for all peers.
const waiting: PeerState = { status: "waiting" };
const ended: PeerState = { status: "ended" };

/**
 * One connection to a client, and what it holds.
 *
 * ```
 * waiting --hold()-->    holding      (the time to register runs while waiting, that of the grant while holding)
 * holding --renew()-->   holding
 * holding --release()--> waiting
 * any --end(), depart(), connection closed--> ended
 * ```
 */
export class Peer implements Expiring {
  readonly connection: Connection;
  readonly source: Connection;
  /** What the client may use up. */
  readonly guard: Guard;
  readonly #setup: PeerSetup;
  #state: PeerState;
  /** Stays when the client departs: what is being handled then belongs to it still. */
  #session: ClientSession | undefined;
  #waitingSinceMs = 0;
  #congested = false;
  #requests = 0;
  #isAck = false;
  /** Undefined until the first frame, where the subprotocol does not say it. */
  #dialect: Dialect | undefined;
  /** Made when somebody waits on it: most connections never need one. */
  #ending: AbortController | undefined;

  constructor({ connection, source, guard, waitedMs }: PeerParts, setup: PeerSetup) {
    this.connection = connection;
    this.source = source;
    this.guard = guard;
    this.#setup = setup;
    this.#dialect = negotiatedDialect(connection);
    this.#state = waiting;
    this.#wait(waitedMs);
    const unwatch = guard.watch(this);
    void connection.closed.then((info) => {
      unwatch();
      this.#onClosed(info);
    });
  }

  /** Whether nothing can be done for this client any more. */
  get ended(): boolean {
    return this.#state.status === "ended" || this.connection.readyState !== "open";
  }

  /** Fires when this server has ended with the client, or the connection closed; asked for before that. */
  get signal(): AbortSignal {
    this.#ending ??= new AbortController();
    return this.#ending.signal;
  }

  /** For how long it has held no id; of no meaning while it holds one. */
  get waitedMs(): number {
    return this.#setup.clock.now() - this.#waitingSinceMs;
  }

  /** What it is registered as; nothing too when somebody else has disposed the registration. */
  get holding(): Holding | undefined {
    if (this.#state.status !== "holding") return undefined;
    return this.#state.holding.active ? this.#state.holding : undefined;
  }

  /** What it may do with that; whoever holds nothing is asked to register before. */
  get access(): Access {
    return this.#state.status === "holding" ? this.#state.access : fullAccess;
  }

  /** How the client writes; `conic.v1` until it has written anything. */
  get dialect(): Dialect {
    return this.#dialect ?? dialectOf(undefined);
  }

  /** Names of the connection and of the message that is being handled, for logs. */
  describe(): { readonly connection: string; readonly request: string } {
    const { id } = this.connection;
    return { connection: id, request: `${id}.${this.#requests}` };
  }

  /** Reads a frame of the client; its first one decides the dialect. */
  decode(frame: Frame): Decoded<ClientMessage> {
    this.#requests += 1;
    this.#dialect ??= dialectOf(frame);
    return this.#dialect.decode(frame);
  }

  /** Feeds the session, one message at a time: a client that sends faster is not read faster. */
  run(session: RouterSession): Promise<void> {
    return consume(this.connection, (frame) => this.#receive(frame, session));
  }

  /** Most frames are done with when this returns: nothing is allocated for them, and no promise made. */
  #receive(frame: Frame, session: RouterSession): Promise<void> | undefined {
    if (this.#state.status === "ended") return undefined;
    this.#setup.counters.frameReceived();
    // Before it is handled: the `register` that begins a session is no frame of it.
    const counting = this.#session;
    this.#isAck = false;
    const { guard } = this;
    const waitMs = guard.take(frame);
    const pending =
      waitMs === 0 ? session.route(frame) : guard.refuse(frame, waitMs, this, session);
    if (pending !== undefined) return this.#later(counting?.follow(pending) ?? pending);
    // oxlint-disable-next-line typescript/no-unnecessary-condition -- routing an `ack` has set it
    if (!this.#isAck) counting?.take();
    // Who does not read the answers is asked for no more questions.
    return this.#congested ? this.#relief() : undefined;
  }

  async #later(pending: Promise<void>): Promise<void> {
    await pending;
    if (this.#congested) await this.#relief();
  }

  /** @throws ConicError `closed` when the connection is gone. */
  reply(message: ServerMessage): void {
    const frame = this.dialect.encode(message);
    if (frame === undefined) return;
    // The answer to `register` belongs to the connection: it says where the session goes on.
    const to = message.type === "register_response" ? this.connection : this.#session;
    this.#congested = !(to ?? this.connection).send(frame);
    if (message.type !== "error") return;
    const { Code } = message.body;
    this.#setup.counters.errorSent(Code);
    if (isErrorCode(Code)) this.guard.answered(Code, this);
  }

  /** @throws ConicError `not_registered`, or `invalid_message` when there is no session, or not that many frames. */
  acknowledged(received: number): void {
    this.#isAck = true;
    const { holding } = this;
    if (holding === undefined) {
      throw new ConicError("not_registered", "this connection holds no id; register first");
    }
    if (holding.session === undefined) {
      const text = "there is no session to acknowledge; register with Received";
      throw new ConicError("invalid_message", text);
    }
    holding.confirm(received);
  }

  hold(holding: Holding, access: Access): void {
    const before = this.#state;
    this.#session = holding.session;
    this.#stopTimer();
    this.#state = this.#holding(holding, access);
    // The hub has taken that one away already; what else was kept for it goes too.
    if (before.status === "holding") before.holding[Symbol.dispose]();
  }

  /** Goes on with the same id, under another grant. */
  renew(access: Access): void {
    if (this.#state.status !== "holding") return;
    this.#stopTimer();
    this.#state = this.#holding(this.#state.holding, access);
  }

  /** Gives the id back, if there is one. The time to register starts again. */
  release(): void {
    if (this.#state.status !== "holding") return;
    const { holding } = this.#state;
    this.#stopTimer();
    this.#state = waiting;
    this.#wait(0);
    this.#session = undefined;
    holding[Symbol.dispose]();
  }

  /** Gives the id back at once and closes, with the code of the error or another one. Resolves when closed. */
  end(error: ConicError, closeCode?: number): Promise<void> {
    this.#session?.tell();
    this.#finish();
    return this.#close(error, closeCode);
  }

  /** Tells the client why, gives the id back at once and closes. */
  dismiss(error: ConicError): void {
    try {
      this.reply(errorMessage(error));
    } catch {
      // It is closing already; there is nobody to tell.
    }
    void this.end(error);
  }

  onDeadline(): void {
    if (this.#state.status !== "waiting") return;
    const { id } = this.connection;
    this.#setup.logger.info({ connection: id }, "closing: did not register in time");
    const text = "the connection did not register in time; connect again and register at once";
    void this.end(new ConicError("register_timeout", text));
  }

  /** The client goes on with another connection: this one is closed, and the id stays. */
  depart(error: ConicError): void {
    this.#depart();
    void this.#close(error);
  }

  #onClosed(info: CloseInfo): void {
    const { logger, onClosed } = this.#setup;
    const { code, error } = info;
    logger.debug({ connection: this.connection.id, code, error: error?.code }, "closed");
    if (this.#session?.confirmed === true && mayReturn(info)) this.#depart();
    else this.#finish();
    onClosed(this, info);
  }

  #close(error: ConicError, closeCode?: number): Promise<void> {
    return this.connection.close({
      code: closeCode ?? errorCodeInfo(error.code).closeCode ?? 1000,
      reason: error.code,
    });
  }

  /** The time to register begins. */
  #wait(waitedMs: number): void {
    const { clock, deadlines } = this.#setup;
    this.#waitingSinceMs = clock.now() - waitedMs;
    this.guard.waiting();
    deadlines.add(this, waitedMs);
  }

  /** The time of the state that is about to end, of whichever kind. */
  #stopTimer(): void {
    const state = this.#state;
    if (state.status === "holding") state.cancelTimer();
    if (state.status !== "waiting") return;
    this.#setup.deadlines.remove(this);
    this.guard.waited();
  }

  #holding(holding: Holding, access: Access): PeerState {
    const leftMs = access.expiresAt - Date.now();
    const onExpired = (): void => {
      this.#expire();
    };
    const cancelTimer = leftMs === Infinity ? noTimer : this.#after(leftMs, onExpired);
    return { status: "holding", holding, access, cancelTimer };
  }

  /** Calls back once, also after more than a timer can wait. */
  #after(delayMs: number, callback: () => void): () => void {
    const step = Math.min(delayMs, maxTimerMs);
    let cancel = this.#setup.clock.schedule(step, () => {
      if (delayMs > step) cancel = this.#after(delayMs - step, callback);
      else callback();
    });
    return () => {
      cancel();
    };
  }

  #expire(): void {
    this.#setup.logger.info({ connection: this.connection.id }, "closing: the token has expired");
    const text = "the token has expired; connect with a new one";
    this.dismiss(new ConicError("unauthorized", text));
  }

  #depart(): void {
    const state = this.#state;
    if (state.status !== "holding" || !state.holding.active) {
      this.#finish();
      return;
    }
    this.#stopTimer();
    this.#state = ended;
    state.holding.detach();
    this.#ending?.abort();
  }

  #finish(): void {
    const state = this.#state;
    if (state.status === "ended") return;
    this.#stopTimer();
    this.#state = ended;
    if (state.status === "holding") state.holding[Symbol.dispose]();
    this.#ending?.abort();
  }

  async #relief(): Promise<void> {
    this.#congested = false;
    try {
      await this.connection.ready();
    } catch {
      // It closed; so ends the loop.
    }
  }
}
