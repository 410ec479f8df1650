import {
  abortError,
  ConicError,
  silentLogger,
  systemClock,
  type Clock,
  type Connection,
  type Logger,
} from "@conic/domain";
import { nextId } from "../connection/id.js";
import { Keepalive } from "../connection/keepalive.js";
import { StreamConnection } from "../connection/stream-connection.js";
import { requireInteger, resolveLimits, type StreamLimits } from "../limits.js";
import { parseTarget } from "./target.js";
import { WriteBatch } from "./write-batch.js";
import { openLink } from "./ws.js";

export interface DialOptions {
  /** Subprotocols in order of preference. Default: none. */
  readonly protocols?: readonly string[];
  /** How long DNS, TCP, TLS and the handshake may take together. Default 5 000. */
  readonly connectTimeoutMs?: number;
  /** Ends the attempt to connect; of no effect once the connection is open. */
  readonly signal?: AbortSignal | undefined;
  /** Sent with the upgrade request, such as `authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Certificates (PEM) of authorities to trust instead of the public ones, for `wss:` with a private one. */
  readonly ca?: string | readonly string[];
  readonly limits?: StreamLimits;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

const maxTimeoutMs = 2_147_483_647;

/**
 * Connects to a WebSocket server. The connection is returned at once, in state `connecting`.
 *
 * `opened` rejects with `timeout`, with `aborted`, with `unauthorized`, `forbidden` or `rate_limited` when the
 * server answered 401, 403 or 429, else with `unreachable`, whose message says host, port and what to check and
 * whose `details.reason` is one of `refused`, `dns`, `no_route`, `tls`, `reset`, `http_status` (with
 * `details.status`, and `details.retryAfterMs` where 429 or 503 came with Retry-After), `not_websocket`, `other`.
 *
 * @throws ConicError `invalid_argument` for a URL other than `ws:` or `wss:`, or options out of range.
 */
export function dialWebSocket(url: string, options: DialOptions = {}): Connection {
  const { connectTimeoutMs = 5_000, clock = systemClock, signal } = options;
  const target = parseTarget(url);
  const limits = resolveLimits(options.limits);
  requireInteger("connectTimeoutMs", connectTimeoutMs, 1, maxTimeoutMs);
  const link = openLink(target, {
    limits,
    batch: new WriteBatch(),
    protocols: options.protocols ?? [],
    headers: options.headers ?? {},
    ca: options.ca,
  });
  const connection = new StreamConnection(nextId("out"), link, {
    limits,
    clock,
    logger: options.logger ?? silentLogger,
    keepalive: new Keepalive(clock, limits),
  });

  const cancelTimer = clock.schedule(connectTimeoutMs, () => {
    const { host, port } = target;
    const text = `no connection to ${host}:${port} within ${connectTimeoutMs} ms; check the network and firewall`;
    connection.abort(new ConicError("timeout", text));
  });
  const onAbort = (): void => {
    if (signal !== undefined) connection.abort(abortError(signal));
  };
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted === true) onAbort();
  const settle = (): void => {
    cancelTimer();
    signal?.removeEventListener("abort", onAbort);
  };
  connection.opened.then(settle, settle);
  return connection;
}
