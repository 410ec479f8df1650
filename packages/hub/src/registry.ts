import {
  ConicError,
  type Client,
  type ClientId,
  type Connection,
  type Registration,
} from "@conic/domain";

interface Entry extends Registration {
  active: boolean;
}

/** Who holds which id. An entry ends when it is disposed or its connection closes. */
export class Registry {
  readonly #entries = new Map<ClientId, Entry>();
  readonly #byConnection = new WeakMap<Connection, Set<Entry>>();
  readonly #onRemoved: (client: Client) => void;

  constructor(onRemoved: (client: Client) => void) {
    this.#onRemoved = onRemoved;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(id: ClientId): Registration | undefined {
    return this.#entries.get(id);
  }

  /** Safe against changes while it is read. */
  values(): IterableIterator<Registration> {
    return this.#entries.values();
  }

  /** @throws ConicError `id_taken`. */
  add(client: Client): Registration {
    const holder = this.#entries.get(client.id);
    // `closed` tells one turn later than `readyState`; a client that reconnects at once must not find its own ghost.
    if (holder?.client.connection.readyState === "closed") this.#remove(holder);
    else if (holder !== undefined) {
      throw new ConicError(
        "id_taken",
        "another client holds this id; ask for another one, or none",
      );
    }
    const entry: Entry = {
      client,
      active: true,
      [Symbol.dispose]: () => {
        this.#remove(entry);
      },
    };
    this.#entries.set(client.id, entry);
    this.#entriesOf(client.connection).add(entry);
    return entry;
  }

  #remove(entry: Entry): void {
    if (!entry.active) return;
    entry.active = false;
    const { client } = entry;
    this.#entries.delete(client.id);
    this.#byConnection.get(client.connection)?.delete(entry);
    this.#onRemoved(client);
  }

  /**
   * The entries of a connection, which is watched once: a client that registers and unregisters for as long as it
   * is connected must not leave a reaction behind on `closed` each time.
   */
  #entriesOf(connection: Connection): Set<Entry> {
    const known = this.#byConnection.get(connection);
    if (known !== undefined) return known;
    const entries = new Set<Entry>();
    this.#byConnection.set(connection, entries);
    const removeAll = (): void => {
      for (const entry of entries) this.#remove(entry);
    };
    connection.closed.then(removeAll, removeAll);
    return entries;
  }
}
