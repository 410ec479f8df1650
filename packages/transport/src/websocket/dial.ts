import type { Connection } from "@conic/domain";
import { Keepalive } from "../connection/keepalive.js";
import { dialing, type DialOptions } from "../dial/dialing.js";
import { WriteBatch } from "./write-batch.js";
import { openLink } from "./ws.js";

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
  return dialing(url, options, (target, limits, clock) => ({
    link: openLink(target, {
      limits,
      batch: new WriteBatch(),
      protocols: options.protocols ?? [],
      headers: options.headers ?? {},
      ca: options.ca,
    }),
    setup: { keepalive: new Keepalive(clock, limits) },
  }));
}
