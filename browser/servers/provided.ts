/** Where the servers are that run in Node during the tests; a page learns it by `inject("servers")`. */
export interface Servers {
  /** `ws:` URL; two connections that name the same `?pair=` are joined. */
  readonly relay: string;
  /** `ws:` URL of one that takes connections and never answers. */
  readonly silent: string;
}

declare module "vitest" {
  export interface ProvidedContext {
    servers: Servers;
  }
}
