import type { CallPath, ClientId } from "@conic/domain";
import type { InboundRtpStats, OutboundRtpStats } from "@conic/rtp";

/** One end of the path in use. */
export interface CandidateStats {
  /** host: an own address; srflx, prflx: as seen through a NAT; relay: a TURN server. */
  readonly type: "host" | "srflx" | "prflx" | "relay";
  readonly address: string;
  readonly port: number;
  readonly protocol: "udp" | "tcp";
}

/** Whether a TURN server carries the data, at either end; undefined before there is a path. */
export function pathOf({ local, remote }: TransportStats): CallPath | undefined {
  if (local === undefined || remote === undefined) return undefined;
  return local.type === "relay" || remote.type === "relay" ? "relayed" : "direct";
}

/** The transport below all channels of a connection (W3C RTCTransportStats and RTCIceCandidatePairStats). */
export interface TransportStats {
  /** Bytes and packets on the wire, DTLS included, on the path in use. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly packetsSent: number;
  readonly packetsReceived: number;
  /** Last measured round trip in ms; undefined before the first measurement. */
  readonly roundTripTimeMs: number | undefined;
  readonly local: CandidateStats | undefined;
  readonly remote: CandidateStats | undefined;
}

/** W3C RTCDataChannelStats. */
export interface DataChannelStats {
  readonly label: string;
  readonly protocol: string;
  /** Stream id (RFC 8832); null before the channel is open. */
  readonly id: number | null;
  readonly state: "connecting" | "open" | "closing" | "closed";
  readonly messagesSent: number;
  readonly messagesReceived: number;
  /** Payload bytes. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Bytes accepted by `send` that are not on the wire yet. */
  readonly bufferedAmount: number;
}

export interface PeerConnectionStats {
  readonly remoteId: ClientId;
  readonly connectionState:
    | "new"
    | "connecting"
    | "connected"
    | "disconnected"
    | "failed"
    | "closed";
  /** Connection attempts made: 1 unless a handshake was lost and started over. */
  readonly attempts: number;
  /** Ms from construction to `connected`; undefined before. */
  readonly connectTimeMs: number | undefined;
  /** Of the last path, once there was one. */
  readonly path: CallPath | undefined;
  readonly dataChannelsOpened: number;
  readonly dataChannelsClosed: number;
  /** Remote candidates that came before their description and waited for it. */
  readonly candidatesQueued: number;
  readonly transport: TransportStats;
  readonly channels: readonly DataChannelStats[];
  /** One for each track that comes. */
  readonly inboundRtp: readonly InboundRtpStats[];
  /** One for each track that goes out. */
  readonly outboundRtp: readonly OutboundRtpStats[];
}
