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
import type { Link } from "../connection/link.js";
import { StreamConnection, type ConnectionSetup } from "../connection/stream-connection.js";
import {
  requireInteger,
  resolveLimits,
  type ResolvedLimits,
  type StreamLimits,
} from "../limits.js";
import { parseTarget, type Target } from "./target.js";

export interface DialOptions {
  /** Subprotocols in order of preference. Default: none. */
  readonly protocols?: readonly string[];
  /** How long DNS, TCP, TLS and the handshake may take together. Default 5 000. */
  readonly connectTimeoutMs?: number;
  /** Ends the attempt to connect; of no effect once the connection is open. */
  readonly signal?: AbortSignal | undefined;
  /** Sent with the upgrade request, such as `authorization`. In browsers `unsupported`. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Certificates (PEM) of authorities to trust instead of the public ones, for `wss:` with a private one. In browsers
   * `unsupported`.
   */
  readonly ca?: string | readonly string[];
  readonly limits?: StreamLimits;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** What a kind of dial adds. */
export interface Dialer {
  readonly link: Link;
  readonly setup?: Partial<ConnectionSetup>;
}

const maxTimeoutMs = 2_147_483_647;

/**
 * A connection that `start` has begun to make, which `connectTimeoutMs` and the signal end while it is not open.
 * @throws ConicError `invalid_argument` for a URL other than `ws:` or `wss:`, or options out of range.
 */
export function dialing(
  url: string,
  options: DialOptions,
  start: (target: Target, limits: ResolvedLimits, clock: Clock) => Dialer,
): Connection {
  const { connectTimeoutMs = 5_000, clock = systemClock, signal } = options;
  const target = parseTarget(url);
  const limits = resolveLimits(options.limits);
  requireInteger("connectTimeoutMs", connectTimeoutMs, 1, maxTimeoutMs);
  const { link, setup } = start(target, limits, clock);
  const logger = options.logger ?? silentLogger;
  const connection = new StreamConnection(nextId("out"), link, { limits, clock, logger, ...setup });

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
