import type {
  AbortOptions,
  ClientId,
  Clock,
  ConicError,
  Connection,
  IceServer,
  Logger,
} from "@conic/domain";
import type { BackoffOptions } from "@conic/transport";
import type { PeerConnectionOptions } from "@conic/webrtc";
import type { TokenFunction } from "./token/source.js";

/** What each peer connection of a client is made with. */
export type PeerOptions = Omit<
  PeerConnectionOptions,
  "signaling" | "iceServers" | "clock" | "logger" | "polite"
>;

export interface ConnectOptions extends AbortOptions {
  /** The id to ask for: 1 to 64 characters of `A-Z a-z 0-9 . _ ~ @ : -`. Default: the server assigns one. */
  readonly id?: string;
  /**
   * Credential for a server that asks for one, or a function that is asked for it at each registration, and for a new
   * one before it ends (`exp` of a JSON Web Token): the client then renews it on the connection that it has.
   */
  readonly token?: string | TokenFunction;
  /** STUN and TURN servers beside those that the server names. Default none. */
  readonly iceServers?: readonly IceServer[];
  /** Dialing one connection. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** From an open connection to the registration. Default 10,000. */
  readonly registerTimeoutMs?: number;
  /** Pauses between attempts to reconnect. */
  readonly backoff?: BackoffOptions;
  /**
   * Called when the id that was asked for is kept for a client that broke off, such as an earlier process of the same
   * user: `connect` waits until it is free, at most for as long as the server keeps it.
   */
  readonly onWaiting?: (error: ConicError<"id_taken">) => void;
  /** Calls that wait to be taken from `incoming()`; later ones are dropped with a `fault`. Default 64. */
  readonly maxPendingCalls?: number;
  /** Messages to the server that wait while it is away; more are refused with `buffer_full`. Default 1,024. */
  readonly maxQueuedMessages?: number;
  /** Members of a room that are kept track of; more are left out, with a `fault`. Default 1,024. */
  readonly maxRoomPeers?: number;
  readonly peer?: PeerOptions;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Opens a connection to the server. Default: a WebSocket to the URL. */
  readonly dial?: (signal: AbortSignal) => Connection;
}

/**
 * - `registered`: the server knows this client by its id.
 * - `reconnecting`: the server went away; peer connections go on without it.
 * - `closed`: over.
 */
export type ClientState = "registered" | "reconnecting" | "closed";

export interface ClientEvents {
  statechange: ClientState;
  /** Something went wrong that the client survives, such as an attempt to reconnect that failed. */
  fault: ConicError;
}

/** A message that a peer sent through the server, without a peer-to-peer path. */
export interface RelayedMessage {
  readonly from: ClientId;
  readonly label: string;
  readonly data: Uint8Array;
}
