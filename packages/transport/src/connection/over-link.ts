import { silentLogger, systemClock, type Clock, type Connection, type Logger } from "@conic/domain";
import { resolveLimits, type StreamLimits } from "../limits.js";
import { nextId } from "./id.js";
import type { Link } from "./link.js";
import { StreamConnection } from "./stream-connection.js";

export interface OverLinkOptions {
  /** Name of the connection in logs. Default: a new one. */
  readonly id?: string;
  readonly limits?: StreamLimits;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/**
 * A connection above any link: states, limits, backpressure and waiting are those of every connection of this package.
 * Nobody pings: a link that can die in silence must find out itself.
 *
 * @throws ConicError `invalid_argument` for limits out of range.
 */
export function connectionOver(link: Link, options: OverLinkOptions = {}): Connection {
  return new StreamConnection(options.id ?? nextId("link"), link, {
    limits: resolveLimits(options.limits),
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
  });
}
