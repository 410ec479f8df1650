/** Protects or opens the RTP packets of one direction; has no memory of them. */
export interface RtpCipher {
  /**
   * @param payloadStart where the header with its extension ends
   * @param index rollover counter and sequence number: 48 bits
   */
  seal(packet: Uint8Array, payloadStart: number, index: number): Uint8Array;
  /** The packet in memory of its own; undefined when it is not authentic. */
  open(packet: Uint8Array, payloadStart: number, index: number): Uint8Array | undefined;
}

/** The same for RTCP, whose packets carry their index. */
export interface RtcpCipher {
  /** @param index 31 bits */
  seal(packet: Uint8Array, index: number): Uint8Array;
  /** E flag and index: the 32 bits that a protected packet carries; undefined when it is too short for them. */
  trailer(packet: Uint8Array): number | undefined;
  /** @param trailer what `trailer` said */
  open(packet: Uint8Array, trailer: number): Uint8Array | undefined;
}

/** First bit of the trailer: the packet is encrypted (RFC 3711 section 3.4). */
export const encryptedFlag = 0x8000_0000;
/** Header and SSRC of the first packet of a compound: authenticated, never encrypted. */
export const rtcpClearBytes = 8;
/** The SSRC of an RTP packet, and of the first packet of a compound. */
export const rtpSsrcAt = 8;
export const rtcpSsrcAt = 4;
export const trailerBytes = 4;
