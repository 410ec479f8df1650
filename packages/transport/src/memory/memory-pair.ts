import { silentLogger, systemClock, type Clock, type Connection } from "@conic/domain";
import { nextId } from "../connection/id.js";
import { StreamConnection } from "../connection/stream-connection.js";
import { resolveLimits, type StreamLimits } from "../limits.js";
import { MemoryLink } from "./memory-link.js";

export interface MemoryPairOptions {
  /** Of both ends. Pings are not needed here: an end cannot vanish. */
  readonly limits?: StreamLimits;
  readonly clock?: Clock;
  /** The subprotocol that both ends show. Default: none. */
  readonly protocol?: string;
}

/**
 * Two connections joined in memory, open at once: the twin of a WebSocket for tests and for peers in one process.
 * It has the same states, limits, backpressure and close handshake, and passes the same contract suite.
 *
 * @throws ConicError `invalid_argument` for limits out of range.
 */
export function memoryPair(options: MemoryPairOptions = {}): [Connection, Connection] {
  const limits = resolveLimits(options.limits);
  const clock = options.clock ?? systemClock;
  const [a, b] = MemoryLink.pair(options.protocol ?? "");
  const connect = (link: MemoryLink): Connection =>
    new StreamConnection(nextId("mem"), link, { limits, clock, logger: silentLogger });
  return [connect(a), connect(b)];
}
