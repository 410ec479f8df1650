/** What a page may ask of the obedient server in the query of the URL. */
export interface Orders {
  /** Answers the upgrade request with this status. */
  readonly status?: string;
  /** Sends a message of so many bytes. */
  readonly bytes?: string;
  /** Sends so many messages of one byte at once. */
  readonly count?: string;
  /** Sends a binary message. */
  readonly binary?: string;
  /** Closes with this code, and `reason`. */
  readonly close?: string;
  readonly reason?: string;
  /** Cuts the connection without a word. */
  readonly cut?: string;
  /** Reads nothing, until another connection asks for the `end` of the one of this name. */
  readonly deaf?: string;
  readonly end?: string;
  /** Under this name it keeps how the connection ended, or tells it, `watch` given: `{ code, reason }`. */
  readonly name?: string;
  readonly watch?: string;
}

/** Where the servers are that run in Node during the tests; a page learns it by `inject("servers")`. */
export interface Servers {
  /** `ws:` URL; two connections that name the same `?pair=` are joined. */
  readonly relay: string;
  /** `ws:` URL of a signaling server at which `node-echo` is registered: a client in Node that sends back what comes. */
  readonly signaling: string;
  /** `ws:` URL of one that does what its query says, and tells in JSON how a connection ended: `Orders`. */
  readonly obedient: string;
  /** `ws:` URL of one that takes connections and never answers. */
  readonly silent: string;
}

declare module "vitest" {
  export interface ProvidedContext {
    servers: Servers;
  }
}
