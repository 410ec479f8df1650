/** Chunk types (RFC 9260 section 3.2, RFC 3758, RFC 6525, RFC 8260). */
export const chunkType = {
  data: 0,
  init: 1,
  initAck: 2,
  sack: 3,
  heartbeat: 4,
  heartbeatAck: 5,
  abort: 6,
  shutdown: 7,
  shutdownAck: 8,
  error: 9,
  cookieEcho: 10,
  cookieAck: 11,
  shutdownComplete: 14,
  iData: 64,
  reconfig: 130,
  forwardTsn: 192,
  iForwardTsn: 194,
} as const;

/** Parameter types of INIT and INIT ACK, and of RE-CONFIG (RFC 6525 section 4). */
export const parameterType = {
  heartbeatInfo: 1,
  stateCookie: 7,
  unrecognized: 8,
  outgoingReset: 13,
  incomingReset: 14,
  tsnReset: 15,
  response: 16,
  addOutgoing: 17,
  addIncoming: 18,
  zeroChecksum: 0x8001,
  supportedExtensions: 0x8008,
  forwardTsnSupported: 0xc000,
} as const;

/** Bits of the flags of DATA and I-DATA; the last is RFC 7053's. */
export const dataFlag = { end: 1, begin: 2, unordered: 4, immediate: 8 } as const;

/** Error causes (RFC 9260 section 3.3.10) that this implementation sends. */
export const errorCause = {
  outOfResource: 4,
  unrecognizedChunk: 6,
  userInitiated: 12,
  protocolViolation: 13,
} as const;

/** Source port, destination port, verification tag, checksum. */
export const packetHeaderBytes = 12;
export const chunkHeaderBytes = 4;
export const dataHeaderBytes = 16;
export const iDataHeaderBytes = 20;

/** RFC 9653 section 4: the lower layer, DTLS, finds corruption better than the checksum does. */
export const errorDetectionByDtls = 1;

/** Chunks and parameters are padded to four bytes. */
export function padded(length: number): number {
  return (length + 3) & ~3;
}
