import type { IncomingMessage, Server as HttpServer } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { Duplex } from "node:stream";
import {
  ConicError,
  silentLogger,
  systemClock,
  type Clock,
  type Connection,
  type Logger,
} from "@conic/domain";
import { nextId } from "../connection/id.js";
import { Keepalive } from "../connection/keepalive.js";
import type { Link } from "../connection/link.js";
import { StreamConnection, type ConnectionSetup } from "../connection/stream-connection.js";
import { requireInteger, resolveLimits, type StreamLimits } from "../limits.js";
import { addressMatcher, forwardedAddress, type AddressMatcher } from "../address/proxies.js";
import { createUpgrader, type Upgrader } from "./server-end/handshake.js";
import { markRoute, responsible, routesOn, type Route, type UpgradeListener } from "./routing.js";
import { checkUpgrade, pathOf, refusalOf, refuse, unavailable, type Refusal } from "./upgrade.js";
import { WriteBatch } from "./write-batch.js";

/** Who asks for a connection. */
export interface UpgradeInfo {
  /** IP address of the client, as its connection will have it; empty where there is none. */
  readonly remoteAddress: string;
}

export interface AcceptOptions {
  /** Path of the endpoint, without a query. Default `/ws`. */
  readonly path?: string;
  /** Subprotocols in order of preference. A client that offers none, or none of these, is accepted without one. */
  readonly protocols?: readonly string[];
  /** Gets each connection, open. When it throws, the connection is aborted with `internal`. */
  readonly onConnection: (connection: Connection, request: IncomingMessage) => void;
  /**
   * Throws a ConicError to refuse: `unauthorized` is answered with 401, `forbidden` 403, `rate_limited` 429,
   * `shutting_down` 503, `internal` and what is no ConicError 500, others 400; `rate_limited` with `details.scope`
   * of `server` 503. `details.retryAfterMs` becomes Retry-After.
   */
  readonly authorize?: (request: IncomingMessage, info: UpgradeInfo) => void;
  /**
   * Proxies that write X-Forwarded-For, as addresses or networks such as `10.0.0.0/8`: for requests from them, the
   * right-most entry that is none of them is the address of the client. Default none: the header is not looked at.
   */
  readonly trustedProxies?: readonly string[];
  /** Is told the HTTP status of each request that gets no connection. Default: nobody is. */
  readonly onRefused?: (status: number) => void;
  /** Is told of each request that is refused because there are `maxConnections`. Default: nobody is. */
  readonly onFull?: () => void;
  /** Connections at once; more are answered 503. Default 10 000. */
  readonly maxConnections?: number;
  readonly limits?: StreamLimits;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** A WebSocket endpoint on an HTTP server. Disposing it is closing it. */
export interface WebSocketAcceptor extends AsyncDisposable {
  /** Connections that are not closed. */
  readonly connectionCount: number;
  /**
   * Accepts no more: late requests are answered 503 until the HTTP server is closed, then the listener is gone.
   * Connections live on. Idempotent.
   */
  close(): Promise<void>;
}

/** A listener that knows nothing: one made for each request would keep the request as long as its socket. */
function destroyItself(this: Duplex): void {
  this.destroy();
}

class Acceptor implements WebSocketAcceptor {
  readonly #server: HttpServer | HttpsServer;
  readonly #options: AcceptOptions;
  readonly #route: Route;
  readonly #logger: Logger;
  readonly #setup: ConnectionSetup;
  readonly #maxConnections: number;
  readonly #isTrusted: AddressMatcher;
  readonly #upgrade: Upgrader;
  readonly #onUpgrade: UpgradeListener;
  readonly #detach = (): void => {
    this.#server.off("upgrade", this.#onUpgrade);
  };
  #connectionCount = 0;

  constructor(server: HttpServer | HttpsServer, options: AcceptOptions) {
    this.#server = server;
    this.#options = options;
    const limits = resolveLimits(options.limits);
    const { clock = systemClock, logger = silentLogger } = options;
    this.#logger = logger;
    this.#setup = {
      limits,
      clock,
      logger,
      keepalive: new Keepalive(clock, limits),
      onEnd: () => {
        this.#connectionCount -= 1;
      },
    };
    this.#maxConnections = options.maxConnections ?? 10_000;
    requireInteger("maxConnections", this.#maxConnections, 0, Number.MAX_SAFE_INTEGER);
    this.#isTrusted = addressMatcher(options.trustedProxies ?? []);
    this.#upgrade = createUpgrader(options.protocols ?? [], {
      limits,
      batch: new WriteBatch(),
    });
    this.#route = { path: options.path ?? "/ws", closed: false };
    this.#onUpgrade = (request, stream, head) => {
      this.#handle(request, stream, head);
    };
    this.#attach();
  }

  get connectionCount(): number {
    return this.#connectionCount;
  }

  close(): Promise<void> {
    if (this.#route.closed) return Promise.resolve();
    this.#route.closed = true;
    // The listener stays to refuse: without one, Node hands upgrades to the request handler, which may not
    // expect them and leave the client waiting.
    if (this.#server.listening) this.#server.once("close", this.#detach);
    else this.#detach();
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #attach(): void {
    const { path } = this.#route;
    if (!path.startsWith("/") || /[?#\s]/.test(path)) {
      throw new ConicError("invalid_argument", "path must begin with / and have no query");
    }
    for (const { listener, route } of routesOn(this.#server)) {
      if (route?.path !== path) continue;
      if (!route.closed) {
        throw new ConicError("invalid_state", `another acceptor serves ${path} on this server`);
      }
      this.#server.off("upgrade", listener as UpgradeListener);
    }
    markRoute(this.#onUpgrade, this.#route);
    this.#server.on("upgrade", this.#onUpgrade);
  }

  #handle(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const path = pathOf(request);
    if (responsible(this.#server, this.#route, path) === "other") return;
    // A socket that fails before, during or after the handshake must never be an unhandled error.
    stream.on("error", destroyItself);
    const { socket, headers } = request;
    const remoteAddress = forwardedAddress(socket.remoteAddress, headers, this.#isTrusted);
    try {
      const refusal =
        this.#refusal(request, path, remoteAddress) ??
        this.#upgrade(request, stream, head, remoteAddress, (link) => {
          this.#accept(link, request);
        });
      if (refusal === undefined) return;
      refuse(stream, refusal);
      this.#options.onRefused?.(refusal.status);
    } catch (error) {
      // Another listener has taken the same socket.
      this.#logger.error({ error }, "an upgrade request could not be handled");
    }
  }

  #refusal(request: IncomingMessage, path: string, remoteAddress: string): Refusal | undefined {
    if (path !== this.#route.path) return { status: 404, message: "no WebSocket endpoint here" };
    if (this.#route.closed) return unavailable("shutting_down: the server is going away");
    const wrong = checkUpgrade(request);
    if (wrong !== undefined) return wrong;
    if (this.#connectionCount >= this.#maxConnections) {
      this.#options.onFull?.();
      return unavailable("rate_limited: the server holds as many connections as it may");
    }
    try {
      this.#options.authorize?.(request, { remoteAddress });
      return undefined;
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal.status === 500) this.#logger.error({ error }, "authorize failed");
      return refusal;
    }
  }

  #accept(link: Link, request: IncomingMessage): void {
    this.#connectionCount += 1;
    const connection = new StreamConnection(nextId("in"), link, this.#setup);
    try {
      this.#options.onConnection(connection, request);
    } catch (error) {
      this.#logger.error({ error, connection: connection.id }, "onConnection failed");
      connection.abort(ConicError.from(error, "internal"));
    }
  }
}

/**
 * Serves WebSockets on a path of an HTTP server. Several acceptors share a server, on different paths; requests
 * for other paths are left to other `upgrade` listeners, and answered 404 when there are none.
 *
 * @throws ConicError `invalid_argument` for options out of range, `invalid_state` when the path is taken.
 */
export function acceptWebSockets(
  server: HttpServer | HttpsServer,
  options: AcceptOptions,
): WebSocketAcceptor {
  return new Acceptor(server, options);
}
