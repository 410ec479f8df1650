import type { PeerInfo, RoomInfo } from "@conic/server";

/** What one second was like. Everything but `at` and `lagMs` is added up where there are several processes. */
export interface Sample {
  /** Seconds since the epoch; no two are equal, and they only grow. */
  readonly at: number;
  readonly connections: number;
  readonly registered: number;
  readonly away: number;
  readonly rooms: number;
  /** Connections that were accepted, a second. */
  readonly opened: number;
  /** Messages of clients, a second. */
  readonly messages: number;
  /** Those of them that were handed to their targets, a second. */
  readonly relayed: number;
  /** `error` messages to clients, a second. */
  readonly errors: number;
  /** Bytes of frames, a second. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** The longest time that the event loop was late. */
  readonly lagMs: number;
  /** Resident memory, and what JavaScript uses of it. */
  readonly rssBytes: number;
  readonly heapBytes: number;
  /** Cores in use. */
  readonly cpu: number;
  /** Calls that ended up so, a second, as clients reported them. */
  readonly callsDirect: number;
  readonly callsRelayed: number;
  readonly callsFailed: number;
}

/** What happened since the start. */
export interface Totals {
  readonly connections: number;
  readonly messages: number;
  readonly relayed: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly kicked: number;
  /** `error` messages by code. */
  readonly errors: Readonly<Record<string, number>>;
  readonly sessions: Readonly<Record<string, number>>;
  readonly authentications: Readonly<Record<string, number>>;
  /** `direct`, `relayed`, and `failed: ` with a reason. */
  readonly calls: Readonly<Record<string, number>>;
  /** Messages and connections that met a limit, by limit. */
  readonly limits: Readonly<Record<string, number>>;
}

export interface Overview {
  readonly version: string;
  readonly node: string;
  /** Processes that share the port. */
  readonly workers: number;
  readonly uptimeMs: number;
  /** Whether it takes new clients. */
  readonly ready: boolean;
  readonly connections: number;
  readonly registered: number;
  readonly away: number;
  readonly rooms: number;
  readonly totals: Totals;
  /** The mean of the last 10 s. */
  readonly rates: Readonly<
    Pick<Sample, "opened" | "messages" | "relayed" | "errors" | "receivedBytes" | "sentBytes">
  >;
}

export interface PageRequest {
  /** Part of an id, an address or a room's name; empty: all. */
  readonly query: string;
  /** From 1 to 100. */
  readonly limit: number;
  /** The key of the last item of the page before; empty: from the start. */
  readonly after: string;
}

/** Sorted by key: the id of a peer, the name of a room. */
export interface Page<T> {
  readonly items: readonly T[];
  /** How many match, on all pages. */
  readonly total: number;
  /** The `after` of the next page; null on the last one. */
  readonly next: string | null;
}

/** Where the dashboard has its numbers from: one process, or several that are added up. */
export interface AdminSource extends Disposable {
  overview(): Overview | Promise<Overview>;
  /** Samples behind `at`, oldest first: at most those of the last 5 min. */
  samples(after: number): readonly Sample[] | Promise<readonly Sample[]>;
  peers(request: PageRequest): Promise<Page<PeerInfo>>;
  rooms(request: PageRequest): Promise<Page<RoomInfo>>;
  /**
   * Ends a client for good; false when nobody holds the id.
   * @throws ConicError `invalid_id`.
   */
  disconnect(id: string): boolean | Promise<boolean>;
}
