/** What a receiver says about one source (RFC 3550 section 6.4.1). */
export interface ReportBlock {
  readonly ssrc: number;
  /** Since the report before, in 256ths: 0 to 255. */
  readonly fractionLost: number;
  /** Since the beginning; 24 bits with a sign, for duplicates count as received. */
  readonly packetsLost: number;
  /** Extended: the upper 16 bits count how often the sequence number went round. */
  readonly highestSequence: number;
  /** In ticks of the clock of the payload type. */
  readonly jitter: number;
  /** Middle 32 bits of the NTP time of the last sender report, {@link compactNtp}; 0 when none came. */
  readonly lastSenderReport: number;
  /** Since that report came, in 65,536ths of a second; 0 when none came. */
  readonly delaySinceLastSenderReport: number;
}

/** RFC 3550 section 6.4.1. */
export interface SenderReport {
  readonly type: "sr";
  readonly ssrc: number;
  /** Seconds since 1900, 32 bits, and their fraction in 2^32nds. */
  readonly ntpSeconds: number;
  readonly ntpFraction: number;
  /** The same moment on the media clock. */
  readonly rtpTimestamp: number;
  /** 32 bits; goes round. */
  readonly packetCount: number;
  /** Of payloads; 32 bits; goes round. */
  readonly octetCount: number;
  readonly reports: readonly ReportBlock[];
}

/** RFC 3550 section 6.4.2. */
export interface ReceiverReport {
  readonly type: "rr";
  readonly ssrc: number;
  readonly reports: readonly ReportBlock[];
}

/** RFC 3550 section 6.5. Items other than the canonical name are left out. */
export interface SourceDescription {
  readonly type: "sdes";
  readonly chunks: readonly {
    readonly ssrc: number;
    /** At most 255 bytes of UTF-8. */
    readonly cname: string | undefined;
  }[];
}

/** RFC 3550 section 6.6. */
export interface Goodbye {
  readonly type: "bye";
  readonly ssrcs: readonly number[];
}

/** RFC 4585 section 6.2.1. */
export interface GenericNack {
  readonly type: "nack";
  readonly senderSsrc: number;
  readonly mediaSsrc: number;
  /** 16 bits each. Written: in the order in which they were sent, for then they take the least bytes. */
  readonly sequenceNumbers: readonly number[];
}

/** RFC 4585 section 6.3.1. */
export interface PictureLossIndication {
  readonly type: "pli";
  readonly senderSsrc: number;
  readonly mediaSsrc: number;
}

/** RFC 5104 section 4.3.1. */
export interface FullIntraRequest {
  readonly type: "fir";
  readonly senderSsrc: number;
  readonly entries: readonly {
    readonly ssrc: number;
    /** 8 bits; the same number again is the same request again. */
    readonly sequenceNumber: number;
  }[];
}

/** draft-alvestrand-rmcat-remb-03 section 2.2. */
export interface ReceiverEstimatedMaxBitrate {
  readonly type: "remb";
  readonly senderSsrc: number;
  /** In bits per second; 18 bits of it are kept. */
  readonly bitrate: number;
  readonly ssrcs: readonly number[];
}

export type RtcpPacket =
  | SenderReport
  | ReceiverReport
  | SourceDescription
  | Goodbye
  | GenericNack
  | PictureLossIndication
  | FullIntraRequest
  | ReceiverEstimatedMaxBitrate;
