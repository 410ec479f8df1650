import { ConicError } from "@conic/domain";

/** Bounds of one connection. Each has a unit in its name, a default, and a threat that it answers. */
export interface StreamLimits {
  /**
   * Bytes of one message, in either direction. Default 65 536. A larger one that arrives closes the connection
   * with 1009 before it is read: nobody fills the memory with one message. A larger one to send is `too_large`.
   */
  readonly maxFrameBytes?: number;
  /**
   * Bytes accepted by `send` that the other end has not read. Default 1 MiB. A message beyond it means that the
   * other end does not read: the connection is aborted with `slow_consumer` (4001), which `send` throws.
   */
  readonly maxBufferedBytes?: number;
  /** `send` returns false while more bytes than this are buffered, so that a sender can wait. Default 64 KiB. */
  readonly highWaterMarkBytes?: number;
  /** `ready()` resolves once no more bytes than this are buffered. Default 16 KiB. */
  readonly lowWaterMarkBytes?: number;
  /**
   * Messages that arrived and that the application has not read. Default 256. At this many, no more are read from
   * the network until half are gone, so that a flood stays with the one who sends it. What one read of the
   * network holds (64 KiB) comes on top. A page cannot stop reading: sixteen times as many, or sixteen times
   * `maxReceiveQueueBytes`, end its connection with `slow_consumer` (4001).
   */
  readonly maxReceiveQueueFrames?: number;
  /** The same in bytes. Default 256 KiB. */
  readonly maxReceiveQueueBytes?: number;
  /**
   * Silence of the other end after which it is pinged: finds peers that are gone. Default 25 000. A page cannot ping:
   * a dial there takes neither this nor the next, with `unsupported`.
   */
  readonly pingIntervalMs?: number;
  /** Silence after a ping that ends the connection with `ping_timeout` (4003). Default 10 000. */
  readonly pongTimeoutMs?: number;
  /** How long the other end may take to answer a close before the socket is destroyed. Default 2 000. */
  readonly closeTimeoutMs?: number;
}

export type ResolvedLimits = Readonly<Required<StreamLimits>>;

export const defaultLimits: Readonly<Required<StreamLimits>> = {
  maxFrameBytes: 65_536,
  maxBufferedBytes: 1_048_576,
  highWaterMarkBytes: 65_536,
  lowWaterMarkBytes: 16_384,
  maxReceiveQueueFrames: 256,
  maxReceiveQueueBytes: 262_144,
  pingIntervalMs: 25_000,
  pongTimeoutMs: 10_000,
  closeTimeoutMs: 2_000,
};

// A timer of Node fires at once when it is set further ahead than this.
const maxTimerMs = 2_147_483_647;

/** @throws ConicError `invalid_argument` unless `value` is an integer from `min` to `max`. */
export function requireInteger(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new ConicError("invalid_argument", `${name} must be an integer from ${min} to ${max}`);
}

function check(limits: ResolvedLimits): void {
  for (const [name, value] of Object.entries(limits)) {
    const min = name === "lowWaterMarkBytes" ? 0 : 1;
    requireInteger(name, value, min, maxTimerMs);
  }
  const { lowWaterMarkBytes, highWaterMarkBytes, maxBufferedBytes } = limits;
  if (lowWaterMarkBytes <= highWaterMarkBytes && highWaterMarkBytes <= maxBufferedBytes) return;
  throw new ConicError(
    "invalid_argument",
    "the limits must be in this order: lowWaterMarkBytes ≤ highWaterMarkBytes ≤ maxBufferedBytes",
  );
}

/**
 * `limits` with every default filled in; water marks that were not given shrink with the limit above them.
 * @throws ConicError `invalid_argument` for a value that is no positive integer, or marks out of order.
 */
export function resolveLimits(limits: StreamLimits = {}): ResolvedLimits {
  const given = Object.fromEntries(
    Object.entries(limits).filter(([, value]) => value !== undefined),
  ) as StreamLimits;
  const maxBufferedBytes = given.maxBufferedBytes ?? defaultLimits.maxBufferedBytes;
  const highWaterMarkBytes =
    given.highWaterMarkBytes ?? Math.min(defaultLimits.highWaterMarkBytes, maxBufferedBytes);
  const lowWaterMarkBytes =
    given.lowWaterMarkBytes ?? Math.min(defaultLimits.lowWaterMarkBytes, highWaterMarkBytes);
  const resolved = { ...defaultLimits, ...given };
  const marked = { ...resolved, maxBufferedBytes, highWaterMarkBytes, lowWaterMarkBytes };
  check(marked);
  return marked;
}
