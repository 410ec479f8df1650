import type { ConicError } from "@conic/domain";

/**
 * Where an association stands (RFC 9260 section 4, with both handshakes' steps folded into `connecting` and all of
 * the shutdown into `closing`).
 */
export type AssociationState = "new" | "connecting" | "connected" | "closing" | "closed";

/** What an association tells its owner. No callback may throw. */
export interface AssociationEvents {
  /**
   * A packet for the remote, valid during this call only: the next packet is written over it.
   */
  packet(packet: Uint8Array): void;
  /** `error` when it was not closed in an orderly way. */
  state(state: AssociationState, error?: ConicError): void;
  /** A complete message. `data` is a view that belongs to the receiver of this call. */
  message(streamId: number, ppid: number, data: Uint8Array): void;
  /** The remote reset these of its outgoing streams: nothing more comes on them until they are used anew. */
  streamsReset(streamIds: readonly number[]): void;
  /** Own outgoing streams that the remote has confirmed as reset: their ids may be used anew. */
  streamsClosed(streamIds: readonly number[]): void;
  /** Less is buffered on this stream than before: `bufferedAmount(streamId)` says how much. */
  drained(streamId: number): void;
  /** Something of the remote's was refused or ignored; the association goes on. */
  fault(error: ConicError): void;
}

export interface AssociationOptions {
  /** SCTP port of this side (RFC 8841 `a=sctp-port`). Default 5000. */
  readonly localPort?: number;
  /** SCTP port of the remote. Default 5000. */
  readonly remotePort?: number;
  /** Largest message that is accepted, in bytes; a larger one ends the association. Default 262,144. */
  readonly maxMessageBytes?: number;
  /** Bytes of messages that may be held for reassembly and order; announced as the window. Default 4 MiB. */
  readonly receiveWindowBytes?: number;
  /** Largest SCTP packet to start with, in bytes: what every path carries. Default 1,188. */
  readonly initialPacketBytes?: number;
  /**
   * Largest SCTP packet that probes may find (RFC 8899), in bytes; no probing when not above `initialPacketBytes`.
   * Default 1,188.
   */
  readonly maxPacketBytes?: number;
  /** A round trip that is known already, in ms: the first retransmission timeout follows from it. */
  readonly initialRttMs?: number;
  /** Congestion control of this association. Default {@link westwood}. */
  readonly congestion?: CongestionControllerFactory;
  /** Offer message interleaving (RFC 8260). Default true. */
  readonly interleaving?: boolean;
  /** 32 random bits, for verification tags, initial TSNs and cookies. */
  readonly random32: () => number;
}

/** What the owner knows of a path. */
export interface PathFacts {
  /** Largest SCTP packet that probes may find on it, in bytes. */
  readonly maxPacketBytes: number;
  /** A round trip that was measured already, in ms. */
  readonly rttMs?: number | undefined;
}

/** How one message travels. */
export interface SendOptions {
  readonly ppid: number;
  /** Default false. */
  readonly unordered?: boolean;
  /** Give up after this many retransmissions of any part of it (RFC 7496). */
  readonly maxRetransmits?: number | undefined;
  /** Give up this many ms after it was handed in (RFC 3758). */
  readonly maxLifetimeMs?: number | undefined;
}

/** All sizes in bytes, all times in ms of the clock that the owner passes in. */
export interface CongestionController {
  /** Bytes that may be in flight. */
  readonly window: number;
  /** Bytes above which growth is careful. */
  readonly threshold: number;
  /** Bytes left the flight; `full` when the window was the limit when they were sent. */
  onAcked(ackedBytes: number, sample: CongestionSample): void;
  /** Loss was found in a flight that had none before (once per round trip). */
  onLoss(sample: CongestionSample): void;
  /** All that the last `onLoss` was about arrived late: the path only reorders. */
  onSpuriousLoss?(): void;
  /** Nothing was heard for a retransmission timeout. */
  onTimeout(sample: CongestionSample): void;
  /** The largest packet changed. */
  onPacketBytes(packetBytes: number): void;
}

export interface CongestionSample {
  readonly now: number;
  /** Bytes in flight before this event. */
  readonly flight: number;
  /** Whether the window, not the application, limited what was sent. */
  readonly windowLimited: boolean;
  /** Smoothed, and smallest seen; 0 before the first measurement. */
  readonly smoothedRttMs: number;
  readonly minRttMs: number;
  /** Whether lost packets are still being repaired. */
  readonly inRecovery: boolean;
}

export type CongestionControllerFactory = (packetBytes: number) => CongestionController;

export interface AssociationStats {
  readonly packetsSent: number;
  readonly packetsReceived: number;
  /** Packets that were not an SCTP packet of this association. */
  readonly packetsDiscarded: number;
  readonly retransmissions: number;
  readonly timeouts: number;
  readonly abandonedMessages: number;
  readonly congestionWindow: number;
  readonly flightBytes: number;
  readonly remoteWindow: number;
  readonly packetBytes: number;
  /** 0 before the first measurement. */
  readonly smoothedRttMs: number;
  readonly interleaving: boolean;
}
