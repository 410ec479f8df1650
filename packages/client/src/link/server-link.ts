import {
  closeCodes,
  ConicError,
  deferred,
  isConicError,
  silentLogger,
  systemClock,
  type ClientId,
  type Clock,
  type CloseInfo,
  type Connection,
  type Logger,
} from "@conic/domain";
import {
  decodeServerMessage,
  encodeMessage,
  errorFromMessage,
  type ServerMessage,
} from "@conic/protocol";
import { dialWebSocket, reconnecting } from "@conic/transport";
import type { ConnectOptions } from "../options.js";
import { Renewal } from "../token/renewal.js";
import { unauthorized } from "../token/source.js";
import { Tokens } from "../token/tokens.js";
import { deliver, ignoreEvents, type ServerLinkEvents } from "./events.js";
import { LastWords } from "./last-words.js";
import { Receipts } from "./receipts.js";
import { closedByServer, isKept, isWorthRetrying } from "./refusals.js";
import { Registration, type Registered } from "./registration.js";

/**
 * The connection to the server: dials, registers, reads, and does so again whenever it is lost. The first
 * registration must succeed; after that only a refusal that retrying cannot change ends the link.
 */
export class ServerLink {
  readonly #url: string;
  readonly #options: ConnectOptions;
  readonly #logger: Logger;
  readonly #stop = new AbortController();
  readonly #first = deferred<Registered>();
  readonly #bound = deferred<ServerLinkEvents>();
  readonly #clock: Clock;
  readonly #receipts: Receipts;
  readonly #tokens: Tokens;
  readonly #renewal: Renewal;
  readonly #lastWords: LastWords;
  #request: Identity;
  #connection: Connection | undefined;
  #events: ServerLinkEvents = ignoreEvents;
  #isWaiting = false;
  /** Whether to come back, where a refused registration has decided that. */
  #comesBack: boolean | undefined;
  /** A refusal that trying again cannot change. */
  #failure: ConicError | undefined;
  readonly #running: Promise<void>;

  constructor(url: string, request: Identity, options: ConnectOptions) {
    this.#url = url;
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
    this.#request = request;
    this.#clock = options.clock ?? systemClock;
    this.#receipts = new Receipts(this.#clock);
    this.#lastWords = new LastWords(this.#clock);
    this.#tokens = new Tokens(options);
    this.#renewal = this.#createRenewal();
    this.#running = this.#run();
  }

  /** The first registration, or why there is none. */
  get first(): Promise<Registered> {
    return this.#first.promise;
  }

  /** Called once, after the first registration; messages wait for it. */
  bind(events: ServerLinkEvents): void {
    this.#events = events;
    this.#bound.resolve(events);
  }

  /** Unregisters where that is possible, closes, and resolves when nothing is left open. */
  async close(id?: ClientId): Promise<void> {
    // Nobody takes events any more; whoever waits to deliver one goes on.
    this.#bound.resolve(ignoreEvents);
    const connection = this.#connection;
    this.#receipts.flush();
    if (id !== undefined && connection?.readyState === "open") {
      connection.send(encodeMessage({ type: "unregister", body: { ID: id } }));
    }
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    let failure: ConicError | undefined;
    try {
      const connections = reconnecting({
        dial: (signal) => this.#dial(signal),
        signal: this.#stop.signal,
        ...(this.#options.backoff === undefined ? {} : { backoff: this.#options.backoff }),
        ...(this.#options.clock === undefined ? {} : { clock: this.#options.clock }),
        onRetry: ({ error, close }) => {
          if (error !== undefined) this.#onDialFailure(error, close);
        },
        goesOn: (error) => this.#goesOn(error),
        leaveAloneMs: () => this.#lastWords.leaveAloneMs,
      });
      for await (const connection of connections) await this.#serve(connection);
    } catch (error) {
      failure = ConicError.from(error, "connection_failed");
      const isTokens = failure.details["closeCode"] === closeCodes.unauthorized;
      failure = this.#lastWords.reasonOf(failure);
      if (isTokens) failure = unauthorized(failure, "token_ended");
    }
    this.#end(failure);
  }

  #dial(signal: AbortSignal): Connection {
    if (this.#options.dial !== undefined) return this.#options.dial(signal);
    return dialWebSocket(this.#url, {
      protocols: ["conic.v1"],
      connectTimeoutMs: this.#options.connectTimeoutMs ?? 5_000,
      signal,
      logger: this.#logger,
    });
  }

  #createRenewal(): Renewal {
    return new Renewal({
      ask: (signal) => this.#tokens.renewed(signal),
      isTokenFixed: this.#tokens.isFixed,
      received: () => this.#receipts.received,
      send: (message) => this.#events.send(message),
      onRenewed: (iceServers) => {
        this.#events.renewed(iceServers);
      },
      fault: (error) => {
        this.#events.fault(error);
      },
      timeoutMs: this.#options.registerTimeoutMs ?? 10_000,
      clock: this.#clock,
      random: Math.random,
      now: Date.now,
      logger: this.#logger,
    });
  }

  /** Whether to dial again though the server has closed for good: once, with a new token. */
  #goesOn(error: ConicError): boolean {
    if (this.#comesBack !== undefined) return this.#comesBack;
    if (!isConicError(error, "unauthorized") || !this.#tokens.refused()) return false;
    // What the server has told was a fault then.
    const told = this.#lastWords.reasonOf(error);
    if (told === error)
      void this.#emit((events) => {
        events.fault(unauthorized(error, "token_ended"));
      });
    return true;
  }

  #onDialFailure(error: ConicError, close: CloseInfo | undefined): void {
    if (isKept(error)) return;
    // A connection that was refused, and that is worth another try.
    if (!this.#first.settled && close !== undefined && this.#comesBack === true) return;
    if (!this.#first.settled) {
      this.#first.reject(error);
      this.#stop.abort();
      return;
    }
    void this.#emit((events) => {
      events.fault(error);
    });
  }

  /** One connection, from registering to its end. */
  async #serve(connection: Connection): Promise<void> {
    this.#connection = connection;
    this.#lastWords.clear();
    this.#comesBack = undefined;
    const registration = await this.#register(connection);
    if (registration === undefined) return;
    const registered = registration.done.then(
      (result) => this.#onRegistered(connection, result),
      (error: unknown) => {
        this.#onRefused(connection, ConicError.from(error, "internal"), registration.hasToken);
      },
    );
    for await (const frame of connection) {
      const message = this.#decode(frame);
      if (message?.type === "error") this.#lastWords.note(errorFromMessage(message));
      if (message === undefined && !registration.settled) continue;
      if (message !== undefined && registration.take(message)) continue;
      await registered;
      // What cannot be read has come all the same.
      if (message?.type !== "ack" && message?.type !== "register_response") this.#receipts.count();
      if (message === undefined || this.#renewal.take(message)) continue;
      await this.#emit((events) => {
        if (message.type === "ack") events.acknowledged(message.body.Received);
        else deliver(events, message);
      });
    }
    this.#receipts.detach();
    this.#renewal.stop();
    const closed = await connection.closed;
    this.#lastWords.closed(closed);
    registration.fail(closed.error ?? closedByServer());
    await registered;
    if (this.#first.settled && !this.#stop.signal.aborted) {
      await this.#emit((events) => {
        events.lost();
      });
    }
  }

  /** Undefined when it did not come to that. */
  async #register(connection: Connection): Promise<Registration | undefined> {
    const timeoutMs = this.#options.registerTimeoutMs ?? 10_000;
    try {
      const token = await this.#tokens.forRegistration(connection);
      const request = { ...this.#request, token, received: this.#receipts.received };
      return new Registration(connection, request, timeoutMs, this.#clock);
    } catch (error) {
      const isOpen = connection.readyState === "open";
      const closed = isOpen ? undefined : await connection.closed;
      const reason = closed === undefined ? error : (closed.error ?? closedByServer());
      this.#giveUp(connection, ConicError.from(reason, "internal"), false);
      return undefined;
    }
  }

  #decode(frame: Parameters<typeof decodeServerMessage>[0]): ServerMessage | undefined {
    try {
      return decodeServerMessage(frame).message;
    } catch (error) {
      const fault = ConicError.from(error, "invalid_message");
      void this.#emit((events) => {
        events.fault(fault);
      });
      return undefined;
    }
  }

  async #onRegistered(connection: Connection, registered: Registered): Promise<void> {
    this.#request = { id: registered.id, resume: registered.resume };
    this.#tokens.accepted();
    this.#renewal.begin(registered.token, registered.iceServers);
    const { resumed } = registered;
    this.#logger.info({ id: registered.id, resumed }, "registered");
    if (registered.received !== undefined) this.#receipts.attach(connection, resumed);
    if (!this.#first.settled) this.#first.resolve(registered);
    await this.#emit((events) => {
      events.registered(connection, registered);
    });
  }

  /** The server did not register this client. */
  #onRefused(connection: Connection, refusal: ConicError, hadToken: boolean): void {
    if (!isConicError(refusal, "unauthorized")) {
      this.#giveUp(connection, refusal, false);
      return;
    }
    const error = unauthorized(refusal, hadToken ? "token_refused" : "token_missing");
    this.#giveUp(connection, error, this.#tokens.refused());
  }

  /** This connection came to nothing; what is final ends the link. */
  #giveUp(connection: Connection, error: ConicError, isWorthAnother: boolean): void {
    const kept = isKept(error);
    const again = kept || isWorthAnother || (this.#first.settled && isWorthRetrying(error));
    this.#comesBack = again;
    if (kept) this.#wait(error);
    else if (!this.#first.settled && !again) this.#first.reject(error);
    if (!again) {
      this.#failure = error;
      this.#stop.abort();
    }
    // The retry tells of the error that the connection ended with.
    connection.abort(error);
  }

  #wait(error: ConicError<"id_taken">): void {
    this.#logger.info({}, "the id is kept for a client that is away: waiting for it");
    if (this.#first.settled || this.#isWaiting) return;
    this.#isWaiting = true;
    try {
      this.#options.onWaiting?.(error);
    } catch (thrown) {
      this.#logger.error({ err: thrown }, "onWaiting threw");
    }
  }

  #end(failure: ConicError | undefined): void {
    const error = this.#failure ?? failure;
    if (!this.#first.settled) {
      this.#first.reject(error ?? new ConicError("aborted", "connecting was aborted"));
      return;
    }
    void this.#emit((events) => {
      events.ended(error);
    });
  }

  /** After the first registration only: events wait until the client is there to take them. */
  async #emit(action: (events: ServerLinkEvents) => void): Promise<void> {
    if (!this.#first.settled) return;
    action(await this.#bound.promise);
  }
}

/** Who registers: what a client has to show. */
interface Identity {
  readonly id: ClientId | undefined;
  readonly resume: string | undefined;
}
