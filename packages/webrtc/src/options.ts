import type { CallPath, Clock, ConicError, Logger, SignalingChannel } from "@conic/domain";
import type { IceServerSource } from "./engine/port.js";

export interface DataChannelLimits {
  /** `send` returns false above this. Default 1 MiB. */
  readonly highWaterMarkBytes: number;
  /** `ready()` resolves at or below this. Default 256 KiB. */
  readonly lowWaterMarkBytes: number;
  /** `send` throws `buffer_full` above this: a sender that never waits cannot exhaust memory. Default 16 MiB. */
  readonly maxBufferedBytes: number;
  /** Received bytes that the application has not read: above this the channel is aborted. Default 16 MiB. */
  readonly maxReceiveBufferBytes: number;
  /** Received messages that the application has not read. Default 65,536. */
  readonly maxReceiveBufferMessages: number;
  /** How long `close()` waits for what was sent to arrive and for the remote to agree. Default 5,000. */
  readonly closeTimeoutMs: number;
}

export const defaultDataChannelLimits: DataChannelLimits = {
  highWaterMarkBytes: 1_048_576,
  lowWaterMarkBytes: 262_144,
  maxBufferedBytes: 16_777_216,
  maxReceiveBufferBytes: 16_777_216,
  maxReceiveBufferMessages: 65_536,
  closeTimeoutMs: 5_000,
};

/** What a peer connection is made with, wherever it runs. */
export interface BasePeerConnectionOptions {
  /** The way to the remote peer; the connection owns it from now on. */
  readonly signaling: SignalingChannel;
  /** Who gives way when both offer at once. Default: the side whose id sorts first is polite. */
  readonly polite?: boolean;
  /**
   * STUN and TURN servers, or a function that is asked for them whenever a path is looked for, as by an ICE restart:
   * credentials may have ended since. Default none: no name is looked up and no third party is asked.
   */
  readonly iceServers?: IceServerSource;
  /** Addresses of this host to offer. Default: all but loopback and link-local, and loopback when there is no other. */
  readonly hostAddresses?: readonly string[];
  /** Largest message that this side accepts. Default 262,144, as browsers do. */
  readonly maxMessageBytes?: number;
  /** From the first description to `connected`. Default 30,000. */
  readonly connectTimeoutMs?: number;
  /** How long the search for a network path may take, before all starts over. Default 8,000. */
  readonly pathTimeoutMs?: number;
  /** How long the handshakes may take once a path was found, before all starts over. Default 5,000. */
  readonly handshakeTimeoutMs?: number;
  /** Silence of the remote until `disconnected`. Default 5,000. */
  readonly disconnectedTimeoutMs?: number;
  /** Silence of the remote until `failed` (RFC 7675). Default 30,000. */
  readonly failedTimeoutMs?: number;
  /**
   * How often, while the remote is silent, ICE is restarted by itself to find another path, from `disconnected` on.
   * Default 5; 0 leaves it to `restartIce()`.
   */
  readonly maxIceRestarts?: number;
  /** From one such restart to the next; twice as long each time. Default 5,000. */
  readonly iceRestartBackoffMs?: number;
  /** Limits of each data channel. */
  readonly channelLimits?: Partial<DataChannelLimits>;
  /** Channels opened by the remote that the application has not taken yet; more are closed. Default 64. */
  readonly maxPendingChannels?: number;
  /** Tracks of the remote that the application has not taken yet; more are left alone. Default 64. */
  readonly maxPendingTracks?: number;
  /** Chunks of a remote track that the application has not read; then the oldest are dropped. Default 512. */
  readonly maxBufferedChunks?: number;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** W3C RTCPeerConnectionState. */
export type PeerConnectionState =
  | "new"
  | "connecting"
  | "connected"
  | "disconnected"
  | "failed"
  | "closed";

export interface PeerConnectionEvents {
  connectionstatechange: PeerConnectionState;
  /** Data goes directly or over a TURN server: once when the connection stands, and when that changes. */
  pathchange: CallPath;
  /** Something went wrong that did not end the connection, such as a description that could not be used. */
  fault: ConicError;
}

/** W3C RTCDataChannelInit. */
export interface DataChannelInit {
  /** Default true. */
  readonly ordered?: boolean;
  /** Lifetime of a message in ms; not together with `maxRetransmits`. */
  readonly maxPacketLifeTime?: number;
  readonly maxRetransmits?: number;
  /** Subprotocol name. Default empty. */
  readonly protocol?: string;
  /** Both sides create the channel themselves, with the same `id`. */
  readonly negotiated?: boolean;
  /** Stream id, 0 to 65,534; required with `negotiated`. */
  readonly id?: number;
}
