// What a page gets by the export condition `browser`: all but the side that accepts connections, which needs a server.
export type { Link, LinkEnd, LinkEvents } from "../connection/link.js";
export { connectionOver, type OverLinkOptions } from "../connection/over-link.js";
export type { DialOptions } from "../dial/dialing.js";
export type { DialFailure } from "../dial/failure.js";
export { defaultLimits as defaultStreamLimits, type StreamLimits } from "../limits.js";
export { memoryPair, type MemoryPairOptions } from "../memory/memory-pair.js";
export { backoffDelayMs, type BackoffOptions } from "../reconnect/backoff.js";
export {
  reconnecting,
  type ReconnectingOptions,
  type RetryInfo,
} from "../reconnect/reconnecting.js";
export { dialWebSocket } from "./dial.js";
