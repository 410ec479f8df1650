/**
 * What the server tells. The server checks; this page trusts its own server, and puts what it says into texts only.
 *
 * @typedef {Readonly<Record<string, number>>} Sample `at` in seconds, and the numbers of that second
 *
 * @typedef {object} Overview
 * @property {string} version
 * @property {string} node
 * @property {number} workers
 * @property {number} uptimeMs
 * @property {boolean} ready
 * @property {number} connections
 * @property {number} registered
 * @property {number} away
 * @property {number} rooms
 * @property {Readonly<Record<string, number | Readonly<Record<string, number>>>>} totals
 * @property {Readonly<Record<string, number>>} rates
 *
 * @typedef {object} Peer
 * @property {string} id
 * @property {string} remoteAddress
 * @property {number} registeredAt
 * @property {readonly string[]} rooms
 * @property {boolean} away
 * @property {string} dialect
 *
 * @typedef {{ readonly name: string, readonly members: number }} Room
 */

/**
 * @template T
 * @typedef {{ readonly items: readonly T[], readonly total: number, readonly next: string | null }} Page
 */

const timeoutMs = 10_000;

/** An answer other than 200. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {number} retryAfterMs
   */
  constructor(status, retryAfterMs) {
    super(`the server answered ${status}`);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Asks the server, with the token of whoever signed in. */
export class Api {
  #token;

  /** @param {string} token */
  constructor(token) {
    this.#token = token;
  }

  /** @returns {Promise<Overview>} */
  overview() {
    return this.#ask("overview");
  }

  /**
   * @param {number} after
   * @returns {Promise<{ readonly samples: readonly Sample[] }>}
   */
  events(after) {
    return this.#ask(`events?after=${after}`);
  }

  /**
   * @param {string} kind `peers` or `rooms`
   * @param {string} query
   * @param {string} after
   * @param {number} limit
   * @returns {Promise<Page<any>>}
   */
  page(kind, query, after, limit) {
    const search = new URLSearchParams({ query, after, limit: String(limit) });
    return this.#ask(`${kind}?${search.toString()}`);
  }

  /**
   * @param {string} id
   * @returns {Promise<unknown>}
   */
  disconnect(id) {
    // Not in the path: an id may be `..`, which a URL takes for the folder above.
    return this.#ask(`peers/disconnect?${new URLSearchParams({ id }).toString()}`, "POST");
  }

  /**
   * Relative to the page: a proxy may put a prefix before it.
   * @param {string} path
   * @param {"GET" | "POST"} [method]
   * @returns {Promise<any>}
   */
  async #ask(path, method = "GET") {
    const response = await fetch(new URL(`api/${path}`, location.href), {
      method,
      headers: { Authorization: `Bearer ${this.#token}` },
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!response.ok) {
      throw new Refusal(response.status, 1000 * Number(response.headers.get("Retry-After") ?? 0));
    }
    // oxlint-disable-next-line typescript/no-unsafe-return -- the server is the one that this page came from
    return await response.json();
  }
}
