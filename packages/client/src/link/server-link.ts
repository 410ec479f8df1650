import {
  ConicError,
  deferred,
  isConicError,
  silentLogger,
  systemClock,
  type ClientId,
  type Connection,
  type Logger,
} from "@conic/domain";
import { decodeServerMessage, encodeMessage, type ServerMessage } from "@conic/protocol";
import { dialWebSocket, reconnecting } from "@conic/transport";
import type { ConnectOptions } from "../options.js";
import { Receipts } from "./receipts.js";
import { Registration, type Registered } from "./registration.js";

export interface ServerLinkEvents {
  registered(connection: Connection, registered: Registered): void;
  lost(): void;
  message(message: ServerMessage): void;
  /** The server has taken this many messages of the session. */
  acknowledged(received: number): void;
  fault(error: ConicError): void;
  /** The link is over and will not come back. */
  ended(error: ConicError | undefined): void;
}

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
  readonly #receipts: Receipts;
  #request: Identity;
  #connection: Connection | undefined;
  #isWaiting = false;
  /** A refusal that trying again cannot change. */
  #failure: ConicError | undefined;
  readonly #running: Promise<void>;

  constructor(url: string, request: Identity, options: ConnectOptions) {
    this.#url = url;
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
    this.#request = request;
    this.#receipts = new Receipts(options.clock ?? systemClock);
    this.#running = this.#run();
  }

  /** The first registration, or why there is none. */
  get first(): Promise<Registered> {
    return this.#first.promise;
  }

  /** Called once, after the first registration; messages wait for it. */
  bind(events: ServerLinkEvents): void {
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
        onRetry: ({ error }) => {
          if (error !== undefined) this.#onDialFailure(error);
        },
      });
      for await (const connection of connections) await this.#serve(connection);
    } catch (error) {
      failure = ConicError.from(error, "connection_failed");
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

  #onDialFailure(error: ConicError): void {
    if (isKept(error)) return;
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
    const clock = this.#options.clock ?? systemClock;
    const timeoutMs = this.#options.registerTimeoutMs ?? 10_000;
    const request = { ...this.#request, received: this.#receipts.received };
    const registration = new Registration(connection, request, timeoutMs, clock);
    const registered = registration.done.then(
      (result) => this.#onRegistered(connection, result),
      (error: unknown) => {
        this.#onRefused(connection, ConicError.from(error, "internal"));
      },
    );
    for await (const frame of connection) {
      const message = this.#decode(frame);
      if (message === undefined && !registration.settled) continue;
      if (message !== undefined && registration.take(message)) continue;
      await registered;
      // What cannot be read has come all the same.
      if (message?.type !== "ack") this.#receipts.count();
      if (message === undefined) continue;
      await this.#emit((events) => {
        if (message.type === "ack") events.acknowledged(message.body.Received);
        else deliver(events, message);
      });
    }
    this.#receipts.detach();
    const closed = await connection.closed;
    registration.fail(closed.error ?? new ConicError("closed", "the server closed the connection"));
    await registered;
    if (this.#first.settled && !this.#stop.signal.aborted) {
      await this.#emit((events) => {
        events.lost();
      });
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
    this.#request = { ...this.#request, id: registered.id, resume: registered.resume };
    const { resumed } = registered;
    this.#logger.info({ id: registered.id, resumed }, "registered");
    if (registered.received !== undefined) this.#receipts.attach(connection, resumed);
    if (!this.#first.settled) this.#first.resolve(registered);
    await this.#emit((events) => {
      events.registered(connection, registered);
    });
  }

  #onRefused(connection: Connection, error: ConicError): void {
    const kept = isKept(error);
    const again = kept || (this.#first.settled && isWorthRetrying(error));
    if (kept) this.#wait(error);
    else if (!this.#first.settled) this.#first.reject(error);
    if (!again) {
      this.#failure = error;
      this.#stop.abort();
    } else if (connection.readyState === "open") {
      void this.#emit((events) => {
        events.fault(error);
      });
    }
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
  readonly token: string | undefined;
}

const ignoreEvents: ServerLinkEvents = {
  registered: () => undefined,
  lost: () => undefined,
  message: () => undefined,
  acknowledged: () => undefined,
  fault: () => undefined,
  ended: () => undefined,
};

/** What a peer wrote into a message may be unreadable: that must not end the link. */
function deliver(events: ServerLinkEvents, message: ServerMessage): void {
  try {
    events.message(message);
  } catch (error) {
    events.fault(ConicError.from(error, "invalid_message"));
  }
}

/** The id belongs to a client that broke off, such as an earlier process of the same user: it will be free. */
function isKept(error: ConicError): error is ConicError<"id_taken"> {
  return isConicError(error, "id_taken") && error.details["retryAfterMs"] !== undefined;
}

/** The id of a connection that the server has not yet missed is free again in a moment. */
function isWorthRetrying(error: ConicError): boolean {
  return error.retryable || isConicError(error, "closed");
}
