import {
  ConicError,
  isConicError,
  raceAbort,
  silentLogger,
  systemClock,
  throwIfAborted,
  closeCodes,
  type Client,
  type ClientId,
  type Clock,
  type CloseOptions,
  type Connection,
  type Delivery,
  type Frame,
  type Hub,
  type HubStats,
  type Logger,
  type Registration,
} from "@conic/domain";
import { Counters } from "./counters.js";
import { Registry } from "./registry.js";

export interface HubOptions {
  /** Measures `uptimeMs`. */
  readonly clock?: Clock;
  readonly logger?: Logger;
}

type Undeliverable = Extract<Delivery, { status: "undeliverable" }>;

const sent: Delivery = Object.freeze({ status: "sent" });
const undeliverable = (reason: Undeliverable["reason"]): Undeliverable =>
  Object.freeze({ status: "undeliverable", reason });
const notFound = undeliverable("target_not_found");
const slowConsumer = undeliverable("slow_consumer");
const closed = undeliverable("closed");

/** What a connection's refusal means to the sender; undefined when the frame or the caller is at fault. */
function refusal(error: unknown): Undeliverable | undefined {
  if (isConicError(error, "slow_consumer") || isConicError(error, "buffer_full")) {
    return slowConsumer;
  }
  return isConicError(error, "closed") || isConicError(error, "invalid_state") ? closed : undefined;
}

function hasEnded({ readyState }: Connection): boolean {
  return readyState === "closing" || readyState === "closed";
}

/** Closes, or, where that fails, cuts off: nobody waits for a connection that cannot close. */
async function closeConnection(connection: Connection, options: CloseOptions): Promise<void> {
  try {
    await connection.close(options);
  } catch (error) {
    connection.abort(ConicError.from(error, "internal"));
  }
}

/** A hub whose clients are all connected to this process. */
export class MemoryHub implements Hub {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #startedAt: number;
  readonly #registry: Registry;
  readonly #counters = new Counters();
  #drained: Promise<void> | undefined;

  constructor(options: HubOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    this.#startedAt = this.#clock.now();
    this.#registry = new Registry(({ id, connection }) => {
      this.#identify(id, connection);
      this.#logger.info({ connectionId: connection.id }, "client unregistered");
    });
  }

  register(client: Client): Registration {
    if (this.#drained !== undefined) {
      throw new ConicError("shutting_down", "the server is going away; connect to another one");
    }
    if (hasEnded(client.connection)) {
      throw new ConicError("closed", "the connection is closed; connect again");
    }
    const registration = this.#registry.add(client);
    this.#identify(client.id, client.connection);
    this.#logger.info({ connectionId: client.connection.id }, "client registered");
    return registration;
  }

  send(to: ClientId, frame: Frame): Delivery {
    const registration = this.#registry.get(to);
    if (registration !== undefined) return this.#deliver(registration, frame);
    this.#counters.count(frame, false);
    return notFound;
  }

  async sendMany(to: Iterable<ClientId>, frame: Frame): Promise<ReadonlyMap<ClientId, Delivery>> {
    const deliveries = new Map<ClientId, Delivery>();
    this.#forEach(new Set(to), (id) => {
      deliveries.set(id, this.send(id, frame));
    });
    return Promise.resolve(deliveries);
  }

  async broadcast(frame: Frame, options: { readonly except?: ClientId } = {}): Promise<number> {
    let count = 0;
    this.#forEach(this.#registry.values(), (registration) => {
      if (registration.client.id === options.except) return;
      if (this.#deliver(registration, frame) === sent) count += 1;
    });
    return Promise.resolve(count);
  }

  get(id: ClientId): Client | undefined {
    return this.#registry.get(id)?.client;
  }

  *clients(): IterableIterator<Client> {
    for (const { client } of this.#registry.values()) yield client;
  }

  stats(): HubStats {
    return {
      connectedClients: this.#registry.size,
      ...this.#counters.snapshot(),
      uptimeMs: this.#clock.now() - this.#startedAt,
    };
  }

  async drain(options: CloseOptions = {}): Promise<void> {
    throwIfAborted(options.signal);
    this.#drained ??= this.#closeAll(options);
    await raceAbort(this.#drained, options.signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain();
  }

  async #closeAll(options: CloseOptions): Promise<void> {
    const { code = closeCodes.goingAway, reason = "the server is going away" } = options;
    const connections = new Set(Array.from(this.clients(), ({ connection }) => connection));
    this.#logger.info({ connections: connections.size }, "draining");
    // The signal ends a wait for the closing and not the closing, so it is not handed on.
    await Promise.all(
      Array.from(connections, async (connection) => {
        await closeConnection(connection, { code, reason });
        await connection.closed;
      }),
    );
  }

  #deliver(registration: Registration, frame: Frame): Delivery {
    const { id, connection } = registration.client;
    try {
      connection.send(frame);
    } catch (error) {
      this.#counters.count(frame, false);
      const delivery = refusal(error);
      // Rule 5: from now on, its senders get target_not_found.
      if (
        isConicError(error, "slow_consumer") ||
        isConicError(error, "closed") ||
        hasEnded(connection)
      ) {
        registration[Symbol.dispose]();
      }
      if (delivery === undefined) throw error;
      if (delivery === slowConsumer) {
        this.#identify(id, connection);
        this.#logger.warn({ connectionId: connection.id }, "client does not read fast enough");
      }
      return delivery;
    }
    this.#counters.count(frame, true);
    return sent;
  }

  /** Ids are names of people, often: only at this level does the log tell whose connection it is. */
  #identify(clientId: ClientId, connection: Connection): void {
    this.#logger.debug({ clientId, connectionId: connection.id }, "client");
  }

  /** Tries each; what the first one threw is thrown after the last. */
  #forEach<T>(items: Iterable<T>, action: (item: T) => void): void {
    const errors: unknown[] = [];
    for (const item of items) {
      try {
        action(item);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}

/** A hub in memory. */
export function createHub(options: HubOptions = {}): Hub {
  return new MemoryHub(options);
}
