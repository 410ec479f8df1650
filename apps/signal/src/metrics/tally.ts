import { closeCodes, type CallFailureReason, type CallOutcome } from "@conic/domain";
import type {
  DropReason,
  ObservedLimit,
  ObservedMessageType,
  ObservedOutcome,
  ServerObserver,
} from "@conic/server";
import { CallCounts } from "./calls.js";

export type EvictionReason = "slow_consumer" | "ping_timeout" | "register_timeout";

export type SessionEvent = "away" | "resumed" | "lost";

/** Close codes that have a meaning; clients may make up others, and must not make up time series. */
const knownCodes: ReadonlySet<number> = new Set(Object.values(closeCodes));

const observedLimits: readonly ObservedLimit[] = [
  "messages",
  "bytes",
  "address_messages",
  "registrations",
  "refused",
  "invalid",
  "idle",
  "connections",
  "unregistered",
  "address_connections",
  "address_connection_rate",
];

/** A number for each of a few names. */
export class Counts<K extends string> {
  readonly #values = new Map<K, { count: number }>();

  /** @param known are there from the start, with 0. */
  constructor(known: readonly K[] = []) {
    for (const name of known) this.#values.set(name, { count: 0 });
  }

  add(name: K): void {
    const value = this.#values.get(name);
    if (value === undefined) this.#values.set(name, { count: 1 });
    else value.count += 1;
  }

  entries(): Iterable<readonly [K, number]> {
    return Array.from(this.#values, ([name, { count }]) => [name, count] as const);
  }
}

/** What a server has done since it was started, in plain numbers: cheap to count, read when it is asked for. */
export class Tally implements ServerObserver {
  readonly #relayed: (seconds: number) => void;
  opened = 0;
  registrations = 0;
  unregistrations = 0;
  receivedBytes = 0;
  sentBytes = 0;
  readonly calls: CallCounts = new CallCounts();
  /** By code, or `other`. */
  readonly closed: Counts<string> = new Counts();
  /** By HTTP status. */
  readonly refused: Counts<string> = new Counts();
  readonly dropped: Counts<DropReason> = new Counts([
    "target_not_found",
    "slow_consumer",
    "closed",
  ]);
  readonly evicted: Counts<EvictionReason> = new Counts([
    "slow_consumer",
    "ping_timeout",
    "register_timeout",
  ]);
  readonly unauthorized: Counts<"unauthorized" | "forbidden" | "upgrade"> = new Counts([
    "unauthorized",
    "forbidden",
    "upgrade",
  ]);
  readonly authentications: Counts<ObservedOutcome> = new Counts([
    "ok",
    "unauthorized",
    "forbidden",
  ]);
  readonly sessions: Counts<SessionEvent> = new Counts(["away", "resumed", "lost"]);
  /** By limit, as docs/limits.md names them. */
  readonly limits: Counts<ObservedLimit> = new Counts(observedLimits);
  kicks = 0;
  readonly messages: Map<ObservedMessageType, Counts<ObservedOutcome>> = new Map();

  /** @param relayed is told the time of each relayed message. */
  constructor(relayed: (seconds: number) => void) {
    this.#relayed = relayed;
  }

  connectionOpened(): void {
    this.opened += 1;
  }

  connectionClosed(code: number, error: string | undefined): void {
    this.closed.add(knownCodes.has(code) ? String(code) : "other");
    if (error === "slow_consumer" || error === "ping_timeout") this.evicted.add(error);
    else if (code === closeCodes.registerTimeout) this.evicted.add("register_timeout");
  }

  connectionRefused(status: number): void {
    this.refused.add(String(status));
    if (status === 401 || status === 403) this.unauthorized.add("upgrade");
  }

  registered(): void {
    this.registrations += 1;
  }

  unregistered(): void {
    this.unregistrations += 1;
  }

  frameReceived(bytes: number): void {
    this.receivedBytes += bytes;
  }

  frameSent(bytes: number): void {
    this.sentBytes += bytes;
  }

  frameDropped(reason: DropReason): void {
    this.dropped.add(reason);
  }

  authenticated(outcome: ObservedOutcome): void {
    this.authentications.add(outcome);
  }

  sessionAway(): void {
    this.sessions.add("away");
  }

  sessionResumed(): void {
    this.sessions.add("resumed");
  }

  sessionLost(): void {
    this.sessions.add("lost");
  }

  limited(limit: ObservedLimit): void {
    this.limits.add(limit);
  }

  kicked(): void {
    this.kicks += 1;
  }

  messageHandled(type: ObservedMessageType, outcome: ObservedOutcome): void {
    let counts = this.messages.get(type);
    if (counts === undefined) {
      counts = new Counts();
      this.messages.set(type, counts);
    }
    counts.add(outcome);
    if (type !== "register") return;
    if (outcome === "unauthorized" || outcome === "forbidden") this.unauthorized.add(outcome);
  }

  callReported(outcome: CallOutcome, reason: CallFailureReason | undefined): void {
    this.calls.add(outcome, reason);
  }

  messageRelayed(_type: ObservedMessageType, latencyMs: number): void {
    this.#relayed(latencyMs / 1000);
  }
}
