import type { ObservedLimit, ObservedMessageType } from "../observe/observer.js";
import type { AddressUse } from "./addresses.js";
import type { FrameLimit } from "./frame-meter.js";

/** What guards tell. */
export interface LimitEvents {
  limited(limit: ObservedLimit): void;
  /** A frame was answered `rate_limited` without being handled. */
  refused(limit: FrameLimit, type: ObservedMessageType, bytes: number): void;
  /** So many more connections have not registered. */
  waiting(more: number): void;
  /** A connection of this address has closed. */
  left(address: AddressUse, nowMs: number): void;
}
