import type { CloseInfo, ConicError, EncodedChunk, ReceivedChunk } from "@conic/domain";
import type { MediaKind } from "../../sinks/recorder.js";

/** What a call needs of a data channel. */
export interface ControlStream {
  readonly label: string;
  readonly opened: Promise<void>;
  send(text: string): boolean;
  [Symbol.asyncIterator](): AsyncIterator<string | Uint8Array>;
}

/** What a call needs of a track that goes out. */
export interface OutgoingTrack {
  enabled: boolean;
  write(chunk: EncodedChunk): boolean;
  stop(): void;
  on(type: "keyframerequest", listener: () => void): () => void;
  on(type: "targetbitrate", listener: (bitsPerSecond: number) => void): () => void;
}

export interface OutgoingSender {
  /** Whether chunks go out. */
  readonly active: boolean;
}

/** What a call needs of a track that comes. */
export interface IncomingTrack {
  readonly kind: MediaKind;
  readonly ended: Promise<void>;
  captureTimeMs(rtpTimestamp: number): number | undefined;
  [Symbol.asyncIterator](): AsyncIterator<ReceivedChunk, undefined>;
}

export interface InboundStats {
  readonly kind: MediaKind;
  readonly packetsReceived: number;
  readonly bytesReceived: number;
  readonly packetsLost: number;
  readonly packetsRepaired: number;
  readonly packetsDiscarded: number;
  readonly jitterMs: number;
  readonly framesReceived: number;
  readonly keyFramesReceived: number;
  readonly nackCount: number;
  readonly pliCount: number;
}

export interface OutboundStats {
  readonly kind: MediaKind;
  readonly packetsSent: number;
  readonly bytesSent: number;
  readonly framesSent: number;
  readonly keyFramesSent: number;
  readonly retransmittedPacketsSent: number;
  readonly remotePacketsLost: number;
  readonly nackCount: number;
  readonly pliCount: number;
  readonly roundTripTimeMs: number | undefined;
}

export interface CallStats {
  readonly connectTimeMs: number | undefined;
  readonly transport: {
    readonly roundTripTimeMs: number | undefined;
    readonly local: { readonly type: string } | undefined;
    readonly remote: { readonly type: string } | undefined;
  };
  readonly inboundRtp: readonly InboundStats[];
  readonly outboundRtp: readonly OutboundStats[];
}

/** What a call needs of a peer connection that stands; names as in `@conic/webrtc`. */
export interface MediaCall {
  readonly remoteId: string;
  readonly closed: Promise<CloseInfo>;
  on(type: "fault", listener: (error: ConicError) => void): () => void;
  on(type: "connectionstatechange", listener: (state: string) => void): () => void;
  on(type: "pathchange", listener: () => void): () => void;
  createDataChannel(label: string): ControlStream;
  dataChannels(): AsyncIterable<ControlStream>;
  addTrack(track: OutgoingTrack): OutgoingSender;
  tracks(): AsyncIterable<IncomingTrack>;
  getStats(): Promise<CallStats>;
  close(): Promise<void>;
}
