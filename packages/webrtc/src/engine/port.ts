import type { ConicError, IceCandidate, IceServer, SessionDescription } from "@conic/domain";
import type { TransportStats } from "../stats.js";

/** STUN and TURN servers, or a function that is asked for them at each gathering: their credentials may change. */
export type IceServerSource = readonly IceServer[] | (() => readonly IceServer[]);

export interface EngineOptions {
  readonly iceServers: IceServerSource;
  /** Largest message that this side accepts, announced in the session description. */
  readonly maxMessageBytes: number;
  /** Host addresses to gather candidates on, and no others; all but loopback and link-local when absent. */
  readonly hostAddresses?: readonly string[] | undefined;
  /** Silence from the remote, in ms, after which the transport is `disconnected`. */
  readonly disconnectedTimeoutMs: number;
  /** Silence from the remote, in ms, after which the transport is `failed` (RFC 7675: 30 s). */
  readonly failedTimeoutMs: number;
  /** Time, in ms, that the checks have to find a path once both descriptions are applied, before it is `stalled`. */
  readonly pathTimeoutMs: number;
  /** The same for a remote that shows neither a candidate nor a check in this time, in ms. */
  readonly silentPathTimeoutMs: number;
  /** Time, in ms, that a found path has to carry the DTLS and SCTP handshakes before it is `stalled`. */
  readonly handshakeTimeoutMs: number;
}

export type EngineState = "new" | "connecting" | "connected" | "disconnected" | "failed" | "closed";

/** A server of `iceServers` that gave no candidate (W3C RTCPeerConnectionIceErrorEvent). */
export interface IceServerError {
  readonly url: string;
  /** Of the server's answer (RFC 8489 section 14.8, RFC 8656 section 19); 701 where none came, as in the W3C. */
  readonly errorCode: number;
}

/** How far the transport has come, for who has to say why it came no further. */
export interface EngineProgress {
  /** All sockets and relays that can be had are there. */
  readonly hasGathered: boolean;
  /** There is a socket or a relay to be reached at. */
  readonly hasCandidates: boolean;
  /** A path was found once. */
  readonly hasPath: boolean;
  readonly serverErrors: readonly IceServerError[];
}

export interface EngineEvents {
  /** A local candidate; one with an empty string ends them. */
  candidate(candidate: IceCandidate): void;
  /** `closed` only when the remote closed; a local `close()` is silent. `reason` where `failed` has a known one. */
  state(state: EngineState, reason?: ConicError): void;
  /** Data goes over another candidate pair from now on, or over the first one. */
  path(): void;
  /** No path is found, or the handshakes on it do not finish: start over with a new connection. */
  stalled(): void;
  /** The remote opened a channel; its events are to be bound before this returns. */
  channel(channel: EngineChannel): void;
  /** A local change, such as the first channel, needs an offer. */
  negotiationNeeded(): void;
  /** Something went wrong that did not change the state. */
  fault(error: ConicError): void;
}

/** What a remote description says beyond what the engine reads in it. */
export interface RemoteFacts {
  /** False where the remote has no data channels, and the section for them is there for the transport alone. */
  readonly carriesData: boolean;
}

/** The connection as negotiation, data channels and statistics need it, whatever carries the media. */
export interface TransportConnection {
  /** Creates and applies a local offer; candidates follow as events and are not waited for. */
  offer(): Promise<SessionDescription>;
  /** Applies a remote offer, rolling back an own one, and creates and applies the answer. */
  answer(offer: SessionDescription, facts?: RemoteFacts): Promise<SessionDescription>;
  /** Applies the remote answer to the last offer. */
  accept(answer: SessionDescription, facts?: RemoteFacts): Promise<void>;
  /** Takes an own offer back; nothing to do when there is none. */
  rollback(): Promise<void>;
  /** Whether a local change is not covered by the last completed offer and answer. */
  needsNegotiation(): boolean;
  /** Asks for an offer with new ICE credentials (RFC 8445 section 9); data flows on over the old path meanwhile. */
  restartIce(): void;
  /** Adds a remote candidate that belongs to the applied remote description. */
  addCandidate(candidate: IceCandidate): Promise<void>;
  createChannel(init: EngineChannelInit): EngineChannel;
  /** Makes the next offer include the transport of data channels, without a channel that the remote would see. */
  prepareDataTransport(): void;
  stats(): TransportStats;
  progress(): EngineProgress;
  /** Frees everything; idempotent. */
  close(): Promise<void>;
}

export interface EngineChannelInit {
  readonly label: string;
  readonly protocol: string;
  readonly ordered: boolean;
  readonly maxRetransmits: number | undefined;
  readonly maxPacketLifeTimeMs: number | undefined;
  /** Stream id, for a channel that both sides create themselves. */
  readonly negotiatedId: number | undefined;
}

export interface EngineChannelEvents {
  open(): void;
  message(data: string | Uint8Array): void;
  /** `bufferedAmount` went down. */
  drained(): void;
  /** The channel is closed, by either side or because the remote or the network ended the connection. */
  closed(): void;
}

export interface EngineChannel {
  readonly init: EngineChannelInit;
  readonly id: number | null;
  /** Largest message that the remote accepts. */
  readonly maxMessageBytes: number;
  /** Bytes accepted by `send` that the stack has not put on the wire yet. */
  readonly bufferedAmount: number;
  /**
   * Called once, before any event. Where not every change of `bufferedAmount` is told, those are that bring it down to
   * `drainedAtBytes` or below.
   */
  bind(events: EngineChannelEvents, drainedAtBytes: number): void;
  /** Queues one message. The data belongs to the engine from now on. */
  send(data: string | Uint8Array): void;
  /** Resolves when everything sent was put on the wire and acknowledged, or the channel is closed. */
  flushed(): Promise<void>;
  /**
   * Closes the channel with the remote (RFC 8831 section 6.7) and drops what `send` accepted and is not on the wire;
   * `closed` follows.
   */
  close(): void;
}
