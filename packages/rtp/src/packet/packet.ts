/** Header extension elements by id (RFC 8285). */
export type RtpExtensions = ReadonlyMap<number, Uint8Array>;

/** One RTP packet (RFC 3550 section 5.1). Byte arrays are views of what was parsed. */
export interface RtpPacket {
  readonly marker: boolean;
  /** 0 to 127. */
  readonly payloadType: number;
  /** 16 bits. */
  readonly sequenceNumber: number;
  /** 32 bits, in ticks of the clock of the payload type. */
  readonly timestamp: number;
  /** 32 bits. */
  readonly ssrc: number;
  readonly extensions: RtpExtensions;
  /** Bytes before the payload. */
  readonly headerBytes: number;
  /** Without padding. Empty where a sender probes the path with padding alone; it took a sequence number all the same. */
  readonly payload: Uint8Array;
}

/** One header extension element to write. */
export interface RtpExtension {
  /** 1 to 14, or to 255 where the two-byte form is needed anyway. */
  readonly id: number;
  /** 1 to 16 bytes in the one-byte form; 0 to 255 in the two-byte form, which all elements then get. */
  readonly data: Uint8Array;
}

/** What {@link writeRtp} makes a packet of. */
export interface RtpPacketInit {
  /** Default false. */
  readonly marker?: boolean;
  readonly payloadType: number;
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly extensions?: readonly RtpExtension[];
  readonly payload: Uint8Array;
}

/** Of an RTP packet without contributing sources and extension. */
export const rtpHeaderBytes = 12;

const version = 2;

/** Whether a datagram of a transport that carries both is RTCP (RFC 5761 section 4). */
export function isRtcp(datagram: Uint8Array): boolean {
  if (datagram.length < 4) return false;
  const type = datagram[1] as number;
  return (datagram[0] as number) >> 6 === version && type >= 192 && type <= 223;
}
