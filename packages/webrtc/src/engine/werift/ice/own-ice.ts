import type { TransportStats } from "../../../stats.js";
import type { EngineProgress } from "../../port.js";
import type { WeriftIce, WeriftPeer } from "../vendor.js";
import { IceBridge, type IceBridgeOptions } from "./bridge.js";
import { transportStats } from "./stats.js";

interface PeerInternals {
  readonly secureManager: {
    createTransport(options: unknown): { readonly iceTransport: WeriftIce };
  };
  connect(): Promise<void>;
}

/** ICE of one peer connection, which has one transport: everything is bundled. */
export interface OwnIce {
  /** A path was found once. */
  readonly hasPath: boolean;
  /** The remote has told a candidate, or an authentic check of it came. */
  readonly hasSignOfLife: boolean;
  /** New credentials have to be negotiated. */
  readonly needsRestart: boolean;
  /** How many were negotiated. */
  readonly restarts: number;
  /** Data leaves from an address that this host still has, or from a relay. */
  readonly hasAddress: boolean;
  stats(): TransportStats;
  progress(): EngineProgress;
  /** Asks the remote for a sign of life, with credentials both ways. */
  probe(timeoutMs: number): Promise<boolean>;
  wantRestart(): void;
  /** To be called before each offer is made. */
  beforeOffer(): void;
  /** The local offer was taken back. */
  rolledBack(): void;
  /** Resolves when no socket is open and no timer runs. Idempotent. */
  close(): Promise<void>;
}

/** Our ICE agent in every transport that the connection makes from now on. Before any description or channel. */
export function useOwnIce(peer: WeriftPeer, options: IceBridgeOptions): OwnIce {
  let bridge: IceBridge | undefined;
  const internals = peer as unknown as PeerInternals;
  const manager = internals.secureManager;
  const create = manager.createTransport.bind(manager);
  manager.createTransport = (how) => {
    const transport = create(how);
    bridge = new IceBridge(peer, transport.iceTransport, options);
    return transport;
  };
  connectOnce(internals);
  return {
    get hasPath() {
      return bridge?.hasPath ?? false;
    },
    get hasSignOfLife() {
      return bridge?.hasSignOfLife ?? false;
    },
    get needsRestart() {
      return bridge?.needsRestart ?? false;
    },
    get restarts() {
      return bridge?.restarts ?? 0;
    },
    get hasAddress() {
      return bridge?.hasAddress ?? true;
    },
    progress: () => bridge?.progress ?? nothingYet,
    stats: () => transportStats(bridge?.agent),
    probe: (timeoutMs) => bridge?.agent.probe(timeoutMs) ?? Promise.resolve(false),
    wantRestart: () => bridge?.wantRestart(),
    beforeOffer: () => bridge?.beforeOffer(),
    rolledBack: () => bridge?.rolledBack(),
    close: () => bridge?.close() ?? Promise.resolve(),
  };
}

const nothingYet: EngineProgress = {
  hasGathered: false,
  hasCandidates: false,
  hasPath: false,
  serverErrors: [],
};

/**
 * werift connects anew after each answer. While the handshakes still run it then reports a connection that is not up,
 * or fails on a DTLS transport that has started.
 */
function connectOnce(peer: PeerInternals): void {
  const connect = peer.connect.bind(peer);
  let connecting: Promise<void> | undefined;
  peer.connect = () => (connecting ??= connect());
}
