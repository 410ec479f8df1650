import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";

export type UpgradeListener = (request: IncomingMessage, stream: Duplex, head: Buffer) => void;

/** What one acceptor tells the others on the same server. */
export interface Route {
  readonly path: string;
  /** It accepts no more, and only answers 503 until the server is closed. */
  closed: boolean;
}

// A registered symbol on the listener: acceptors find each other on the server itself, without a global table,
// and also across the ESM and the CommonJS copy of this package.
const mark = Symbol.for("conic.transport.route");

export function markRoute(listener: UpgradeListener, route: Route): void {
  Object.defineProperty(listener, mark, { value: route });
}

// oxlint-disable-next-line typescript/no-unsafe-function-type -- what EventEmitter.listeners() returns
type AnyListener = Function;

function routeOf(listener: AnyListener): Route | undefined {
  return mark in listener ? (listener[mark] as Route) : undefined;
}

/** Listeners on the server, each with its route; foreign ones have none. */
export function routesOn(
  server: Server,
): readonly { readonly listener: AnyListener; readonly route: Route | undefined }[] {
  return server.listeners("upgrade").map((listener) => ({ listener, route: routeOf(listener) }));
}

/** Who deals with an upgrade request for `path`. */
export type Responsible = "this" | "other";

/**
 * Whether `own` is the one to answer a request for `path`. Exactly one acceptor answers each request that no
 * foreign listener may be waiting for, so that no socket is left hanging and none is answered twice.
 */
export function responsible(server: Server, own: Route, path: string): Responsible {
  if (path === own.path && !own.closed) return "this";
  const routes = routesOn(server).map(({ route }) => route);
  if (path === own.path) {
    const successor = routes.some(
      (route) => route !== own && route?.path === path && !route.closed,
    );
    return successor ? "other" : "this";
  }
  // Nobody's path: the first acceptor answers, unless a listener that is not ours may want it.
  const nobody = routes.every((route) => route !== undefined && route.path !== path);
  return nobody && routes[0] === own ? "this" : "other";
}
