import {
  ConicError,
  type Client,
  type ClientId,
  type Connection,
  type Registration,
} from "@conic/domain";

class Entry implements Registration {
  readonly client: Client;
  readonly #remove: (entry: Entry) => void;
  active = true;

  constructor(client: Client, remove: (entry: Entry) => void) {
    this.client = client;
    this.#remove = remove;
  }

  [Symbol.dispose](): void {
    this.#remove(this);
  }
}

/** Who holds which id. An entry ends when it is disposed or its connection closes. */
export class Registry {
  readonly #entries = new Map<ClientId, Entry>();
  // Most connections have one entry, for which a set would take more than all else here.
  readonly #byConnection = new WeakMap<Connection, Entry[]>();
  readonly #onRemoved: (client: Client) => void;
  readonly #onRemove = (entry: Entry): void => {
    this.#remove(entry);
  };

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
    const entry = new Entry(client, this.#onRemove);
    this.#entries.set(client.id, entry);
    this.#entriesOf(client.connection).push(entry);
    return entry;
  }

  #remove(entry: Entry): void {
    if (!entry.active) return;
    entry.active = false;
    const { client } = entry;
    this.#entries.delete(client.id);
    forget(this.#byConnection.get(client.connection) ?? [], entry);
    this.#onRemoved(client);
  }

  /**
   * The entries of a connection, which is watched once: a client that registers and unregisters for as long as it
   * is connected must not leave a reaction behind on `closed` each time.
   */
  #entriesOf(connection: Connection): Entry[] {
    const known = this.#byConnection.get(connection);
    if (known !== undefined) return known;
    const entries: Entry[] = [];
    this.#byConnection.set(connection, entries);
    const removeAll = (): void => {
      for (let last = entries.at(-1); last !== undefined; last = entries.at(-1)) this.#remove(last);
    };
    connection.closed.then(removeAll, removeAll);
    return entries;
  }
}

/** Their order is of no meaning; the last one, which is the only one of most, is found at once. */
function forget(entries: Entry[], entry: Entry): void {
  const at = entries.lastIndexOf(entry);
  if (at < 0) return;
  const last = entries.pop();
  if (last !== undefined && last !== entry) entries[at] = last;
}
