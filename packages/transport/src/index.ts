export type { Link, LinkEnd, LinkEvents } from "./connection/link.js";
export { connectionOver, type OverLinkOptions } from "./connection/over-link.js";
export { defaultLimits as defaultStreamLimits, type StreamLimits } from "./limits.js";
export { memoryPair, type MemoryPairOptions } from "./memory/memory-pair.js";
export { backoffDelayMs, type BackoffOptions } from "./reconnect/backoff.js";
export {
  reconnecting,
  type ReconnectingOptions,
  type RetryInfo,
} from "./reconnect/reconnecting.js";
export {
  acceptWebSockets,
  type AcceptOptions,
  type UpgradeInfo,
  type WebSocketAcceptor,
} from "./websocket/accept.js";
export { addressMatcher, forwardedAddress, type AddressMatcher } from "./address/proxies.js";
export type { DialOptions } from "./dial/dialing.js";
export type { DialFailure } from "./dial/failure.js";
export { dialWebSocket } from "./websocket/dial.js";
