import { monitorEventLoopDelay } from "node:perf_hooks";
import type { PeerInfo, RoomInfo, SignalingServer } from "@conic/server";
import type { Counts, Tally } from "../metrics/tally.js";
import { History, type Reading } from "./history.js";
import { pageOf, type Paging } from "./paging.js";
import type { AdminSource, Overview, Page, PageRequest, Sample, Totals } from "./source.js";

const sampleEveryMs = 1000;
/** How often the lag is looked at; a tick that is on time counts as no lag. */
const lagResolutionMs = 20;
const ratesOverSamples = 10;
const relayedTypes = ["sdp", "candidate", "data_channel"] as const;

const peerPaging: Paging<PeerInfo> = {
  key: ({ id }) => id,
  matches: ({ id, remoteAddress, rooms }, query) =>
    id.toLowerCase().includes(query) ||
    remoteAddress.includes(query) ||
    rooms.some((room) => room.toLowerCase().includes(query)),
};

const roomPaging: Paging<RoomInfo> = {
  key: ({ name }) => name,
  matches: ({ name }, query) => name.toLowerCase().includes(query),
};

export interface LocalSourceSetup {
  readonly signaling: Pick<SignalingServer, "stats" | "peers" | "rooms" | "disconnect">;
  readonly tally: Tally;
  readonly ready: () => boolean;
  readonly version: string;
}

function countsOf<K extends string>(counts: Counts<K>): Readonly<Record<string, number>> {
  return Object.fromEntries(counts.entries());
}

function relayedBy({ messages }: Tally): number {
  let sum = 0;
  for (const type of relayedTypes) {
    for (const [outcome, count] of messages.get(type)?.entries() ?? []) {
      if (outcome === "ok") sum += count;
    }
  }
  return sum;
}

function callsBy({ calls }: Tally): Reading["calls"] {
  const sums = { direct: 0, relayed: 0, failed: 0 };
  for (const { outcome, calls: count } of calls.counts()) sums[outcome] += count;
  return sums;
}

/** By outcome; those that failed, by reason. */
function callTotals({ calls }: Tally): Readonly<Record<string, number>> {
  return Object.fromEntries(
    calls
      .counts()
      .map(({ outcome, reason, calls: count }) => [
        reason === "" ? outcome : `${outcome}: ${reason}`,
        count,
      ]),
  );
}

/** The numbers of this process. Looks at them once a second until it is disposed. */
export class LocalSource implements AdminSource {
  readonly #setup: LocalSourceSetup;
  readonly #history = new History();
  readonly #lag = monitorEventLoopDelay({ resolution: lagResolutionMs });
  readonly #startedAtMs = Date.now();
  readonly #timer: NodeJS.Timeout;

  constructor(setup: LocalSourceSetup) {
    this.#setup = setup;
    this.#lag.enable();
    this.#history.add(this.#read());
    this.#timer = setInterval(() => {
      this.#history.add(this.#read());
    }, sampleEveryMs);
    this.#timer.unref();
  }

  overview(): Overview {
    const { signaling, ready, version } = this.#setup;
    const { connections, registered, away, rooms } = signaling.stats();
    const last = this.#history.last(ratesOverSamples);
    const mean = (read: (sample: Sample) => number): number =>
      last.reduce((sum, sample) => sum + read(sample), 0) / Math.max(1, last.length);
    return {
      version,
      node: process.version,
      workers: 1,
      uptimeMs: Date.now() - this.#startedAtMs,
      ready: ready(),
      connections,
      registered,
      away,
      rooms,
      totals: this.#totals(),
      rates: {
        opened: mean(({ opened }) => opened),
        messages: mean(({ messages }) => messages),
        relayed: mean(({ relayed }) => relayed),
        errors: mean(({ errors }) => errors),
        receivedBytes: mean(({ receivedBytes }) => receivedBytes),
        sentBytes: mean(({ sentBytes }) => sentBytes),
      },
    };
  }

  samples(after: number): readonly Sample[] {
    return this.#history.after(after);
  }

  peers(request: PageRequest): Promise<Page<PeerInfo>> {
    return pageOf(this.#setup.signaling.peers(), request, peerPaging);
  }

  rooms(request: PageRequest): Promise<Page<RoomInfo>> {
    return pageOf(this.#setup.signaling.rooms(), request, roomPaging);
  }

  disconnect(id: string): boolean {
    return this.#setup.signaling.disconnect(id);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#lag.disable();
  }

  #totals(): Totals {
    const { signaling, tally } = this.#setup;
    const { connectionsTotal, framesReceived, errorsSent } = signaling.stats();
    return {
      connections: connectionsTotal,
      messages: framesReceived,
      relayed: relayedBy(tally),
      receivedBytes: tally.receivedBytes,
      sentBytes: tally.sentBytes,
      kicked: tally.kicks,
      errors: { ...errorsSent },
      sessions: countsOf(tally.sessions),
      authentications: countsOf(tally.authentications),
      calls: callTotals(tally),
      limits: countsOf(tally.limits),
    };
  }

  #read(): Reading {
    const { signaling, tally } = this.#setup;
    const { rss, heapUsed } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    const lagMs = Math.max(0, this.#lag.max / 1e6 - lagResolutionMs);
    this.#lag.reset();
    return {
      atMs: Date.now(),
      stats: signaling.stats(),
      relayed: relayedBy(tally),
      receivedBytes: tally.receivedBytes,
      sentBytes: tally.sentBytes,
      calls: callsBy(tally),
      lagMs,
      rssBytes: rss,
      heapBytes: heapUsed,
      cpuMs: (user + system) / 1000,
    };
  }
}
