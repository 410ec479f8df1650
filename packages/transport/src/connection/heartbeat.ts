export interface HeartbeatOptions {
  readonly pingIntervalMs: number;
  readonly pongTimeoutMs: number;
}

/** What to do now, and when to ask again. */
export type HeartbeatStep =
  | { readonly action: "wait" | "ping"; readonly untilMs: number }
  | { readonly action: "dead" };

/**
 * Whether the other end is still there. Pure: time and traffic are inputs.
 *
 * ```
 * alive  --silence of pingIntervalMs-->  asked (ping)
 * asked  --anything arrives----------->  alive
 * asked  --silence of pongTimeoutMs--->  dead
 * ```
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #seenAt: number;
  #askedAt: number | undefined;

  constructor(options: HeartbeatOptions, nowMs: number) {
    this.#options = options;
    this.#seenAt = nowMs;
  }

  /** Anything arrived: a pong, a message, a part of one. */
  seen(nowMs: number): void {
    this.#seenAt = nowMs;
    this.#askedAt = undefined;
  }

  /**
   * `listening` is false while this side does not read: a pong may lie in the kernel then, so nobody is declared
   * dead. Pings go on all the same, because a write is how TCP finds out that a host is gone.
   */
  step(nowMs: number, listening: boolean): HeartbeatStep {
    const { pingIntervalMs, pongTimeoutMs } = this.#options;
    const askedAt = this.#askedAt;
    if (askedAt === undefined) {
      const dueAt = this.#seenAt + pingIntervalMs;
      if (nowMs < dueAt) return { action: "wait", untilMs: dueAt };
    } else {
      const deadAt = askedAt + pongTimeoutMs;
      if (nowMs < deadAt) return { action: "wait", untilMs: deadAt };
      if (listening) return { action: "dead" };
    }
    this.#askedAt = nowMs;
    return { action: "ping", untilMs: nowMs + pongTimeoutMs };
  }
}
