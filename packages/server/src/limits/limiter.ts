import { ConicError, type Clock, type Connection, type Logger } from "@conic/domain";
import { Addresses, type AddressRefusal } from "./addresses.js";
import type { LimitEvents } from "./events.js";
import { FrameMeter } from "./frame-meter.js";
import { Guard, type GuardSetup } from "./guard.js";
import type { Limits } from "./options.js";

export interface LimiterSetup {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: Omit<LimitEvents, "waiting" | "left">;
}

/** An upgrade request, as far as it matters here. */
export interface Arrival {
  readonly remoteAddress: string;
  /** Whether it came with X-Forwarded-For. */
  readonly forwarded: boolean;
}

/** When there are too many who have not registered: they do, or are closed, within seconds. */
const crowdedRetryAfterMs = 1_000;

const refusals: Record<AddressRefusal["limit"], string> = {
  address_connections: "your address has as many connections as it may",
  address_connection_rate: "your address connects too often",
};

/** The limits of one server: who may connect, and a guard for each who does. */
export class Limiter {
  readonly #setup: LimiterSetup;
  readonly #addresses: Addresses;
  readonly #guards: GuardSetup;
  #unregistered = 0;
  #hinted = false;

  constructor(setup: LimiterSetup) {
    const { events } = setup;
    this.#setup = setup;
    this.#addresses = new Addresses(setup.limits.address);
    this.#hinted = setup.limits.trustedProxies.length > 0;
    const guards: LimitEvents = {
      limited: (limit) => {
        events.limited(limit);
      },
      refused: (limit, type, bytes) => {
        events.refused(limit, type, bytes);
      },
      waiting: (more) => {
        this.#unregistered += more;
      },
      left: (address, nowMs) => {
        this.#addresses.leave(address, nowMs);
      },
    };
    const { clock, limits } = setup;
    this.#guards = { clock, idleTimeoutMs: limits.idleTimeoutMs, events: guards };
  }

  /** Connections that have not registered. */
  get unregistered(): number {
    return this.#unregistered;
  }

  /** @throws ConicError `rate_limited`, with `details.scope` of `server` where it is not about this address. */
  admit({ remoteAddress, forwarded }: Arrival): void {
    const { limits, clock, events } = this.#setup;
    if (forwarded) this.#hint();
    if (this.#unregistered >= limits.maxUnregistered) {
      events.limited("unregistered");
      throw new ConicError("rate_limited", "too many connections have not registered", {
        details: { scope: "server", retryAfterMs: crowdedRetryAfterMs },
      });
    }
    const refusal = this.#addresses.admit(remoteAddress, clock.now());
    if (refusal === undefined) return;
    const { limit, retryAfterMs } = refusal;
    events.limited(limit);
    throw new ConicError("rate_limited", refusals[limit], { details: { retryAfterMs } });
  }

  /** A connection has opened; it counts until its guard is told that it closed. */
  guard(connection: Connection): Guard {
    const { limits, clock } = this.#setup;
    const nowMs = clock.now();
    const use = this.#addresses.enter(connection.remoteAddress, nowMs);
    return new Guard(new FrameMeter(limits, use, nowMs), this.#guards);
  }

  /** Whoever forgot to name a proxy has everybody behind it share the limits of one address. */
  #hint(): void {
    if (this.#hinted) return;
    this.#hinted = true;
    const text =
      "a request came with X-Forwarded-For, which is not looked at: behind a proxy, name it in trustedProxies, or all clients count as one address";
    this.#setup.logger.warn({}, text);
  }
}
