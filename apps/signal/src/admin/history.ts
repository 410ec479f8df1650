import type { ServerStats } from "@conic/server";
import type { Sample } from "./source.js";

/** Samples that are kept: 5 minutes. */
export const maxSamples = 300;

/** Numbers that only grow, and those of one moment. */
export interface Reading {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly stats: ServerStats;
  readonly relayed: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly calls: { readonly direct: number; readonly relayed: number; readonly failed: number };
  /** Of the time since the reading before. */
  readonly lagMs: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
  /** Since the process was started. */
  readonly cpuMs: number;
}

export function errorsOf({ errorsSent }: ServerStats): number {
  return Object.values(errorsSent).reduce((sum, count) => sum + count, 0);
}

/** Two digits behind the point are enough for a chart. */
function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

/** What was between two readings. */
export function sampleBetween(before: Reading, now: Reading, previousAt: number): Sample {
  // A timer that is late must not look like a burst, nor a clock that was set back like nothing.
  const elapsedMs = Math.max(1, now.atMs - before.atMs);
  const rate = (read: (reading: Reading) => number): number =>
    rounded((1000 * Math.max(0, read(now) - read(before))) / elapsedMs);
  const { connections, registered, away, rooms } = now.stats;
  return {
    at: Math.max(previousAt + 1, Math.floor(now.atMs / 1000)),
    connections,
    registered,
    away,
    rooms,
    opened: rate(({ stats }) => stats.connectionsTotal),
    messages: rate(({ stats }) => stats.framesReceived),
    relayed: rate(({ relayed }) => relayed),
    errors: rate(({ stats }) => errorsOf(stats)),
    receivedBytes: rate(({ receivedBytes }) => receivedBytes),
    sentBytes: rate(({ sentBytes }) => sentBytes),
    lagMs: rounded(now.lagMs),
    rssBytes: now.rssBytes,
    heapBytes: now.heapBytes,
    cpu: rate(({ cpuMs }) => cpuMs / 1000),
    callsDirect: rate(({ calls }) => calls.direct),
    callsRelayed: rate(({ calls }) => calls.relayed),
    callsFailed: rate(({ calls }) => calls.failed),
  };
}

/** The last minutes, a sample a second. Pure. */
export class History {
  readonly #max: number;
  readonly #samples: Sample[] = [];
  #before: Reading | undefined;

  constructor(max: number = maxSamples) {
    this.#max = max;
  }

  add(now: Reading): void {
    const before = this.#before;
    this.#before = now;
    if (before === undefined) return;
    this.#samples.push(sampleBetween(before, now, this.#samples.at(-1)?.at ?? 0));
    if (this.#samples.length > this.#max) this.#samples.shift();
  }

  after(at: number): readonly Sample[] {
    const first = this.#samples.findIndex((sample) => sample.at > at);
    return first === -1 ? [] : this.#samples.slice(first);
  }

  /** Of the newest samples, so many. */
  last(count: number): readonly Sample[] {
    return this.#samples.slice(-count);
  }
}
