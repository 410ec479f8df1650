/** What a sender knows, its remote's reports among it. Names of the W3C (webrtc-stats); ms where a name says so. */
export interface OutboundRtpStats {
  readonly kind: "audio" | "video";
  readonly mid: string | undefined;
  readonly ssrc: number;
  /** Retransmissions among them. */
  readonly packetsSent: number;
  /** Of payloads, retransmitted ones among them. */
  readonly bytesSent: number;
  readonly headerBytesSent: number;
  readonly framesSent: number;
  readonly keyFramesSent: number;
  readonly retransmittedPacketsSent: number;
  /** Of payloads. */
  readonly retransmittedBytesSent: number;
  /** NACK packets that came. */
  readonly nackCount: number;
  readonly pliCount: number;
  readonly firCount: number;
  /** Since the beginning, from the last report of the remote; duplicates may make it negative. */
  readonly remotePacketsLost: number;
  /** Between the last two reports of the remote, 0 to 1. */
  readonly remoteFractionLost: number;
  readonly remoteJitterMs: number;
  /** Of the last report. */
  readonly roundTripTimeMs: number | undefined;
  /**
   * Bits a second that a video should have: lowered when packets get lost or the round trip grows, raised again when
   * not; never above `maxBitrate`, and what the remote says that it can take (REMB) where that is clearly below what is
   * sent. The encoder has to follow it. Undefined for audio.
   */
  readonly targetBitrate: number | undefined;
}

/** A moment on the clock of the remote, and on its media clock (RFC 3550 section 6.4.1). */
export interface RemoteClockReading {
  /** Since 1970. */
  readonly remoteTimeMs: number;
  /** 32 bits, as on the wire. */
  readonly rtpTimestamp: number;
  /** In ms of the clock of the session. */
  readonly receivedAtMs: number;
}

export interface InboundRtpStats {
  readonly kind: "audio" | "video";
  readonly mid: string | undefined;
  /** Of the stream that plays; undefined before its first packet. */
  readonly ssrc: number | undefined;
  /** Without duplicates. */
  readonly packetsReceived: number;
  /** Of payloads. */
  readonly bytesReceived: number;
  /** Never came, or not yet. */
  readonly packetsLost: number;
  /** Came and were of no use: malformed, or too late. */
  readonly packetsDiscarded: number;
  /** Came after a NACK. */
  readonly packetsRepaired: number;
  readonly duplicates: number;
  /** RFC 3550 appendix A.8. */
  readonly jitterMs: number;
  /** Frames (video) or packets (audio) that were handed out. */
  readonly framesReceived: number;
  readonly keyFramesReceived: number;
  /** Lost, incomplete, or not decodable without one that is: the sum of all `lostBefore`. */
  readonly framesDropped: number;
  /** NACK packets that were sent. */
  readonly nackCount: number;
  readonly pliCount: number;
  readonly lastPacketAtMs: number | undefined;
  /** From the last sender report. */
  readonly remoteClock: RemoteClockReading | undefined;
}
