export interface RtpSessionOptions {
  /** Canonical name of this endpoint in source descriptions: at most 255 bytes, the same for all of its streams. */
  readonly cname: string;
  /** Takes one packet for the remote: plain RTP or RTCP, see `isRtcp`. It is kept for retransmission: do not write to it. */
  readonly output: (packet: Uint8Array) => void;
  /** Ms since 1970, for sender reports. */
  readonly wallClock: () => number;
  readonly randomUint32: () => number;
  /** Whether feedback may go without a report before it (RFC 5506): `a=rtcp-rsize`. Default true. */
  readonly reducedSizeRtcp?: boolean | undefined;
}
