/** Packet types (RFC 3550 section 12.1, RFC 4585 section 6.1). */
export const packetType = {
  senderReport: 200,
  receiverReport: 201,
  sourceDescription: 202,
  goodbye: 203,
  transportFeedback: 205,
  payloadFeedback: 206,
} as const;

/** Feedback message types (RFC 4585 section 6.2 and 6.3, RFC 5104 section 4.3). */
export const feedbackType = {
  genericNack: 1,
  pictureLossIndication: 1,
  fullIntraRequest: 4,
  application: 15,
} as const;

/** Version, padding, count; type; length. */
export const headerBytes = 4;
export const reportBlockBytes = 24;
/** SSRC, NTP time, RTP time, two counts. */
export const senderInfoBytes = 24;
/** SSRCs of the sender of the feedback and of the media. */
export const feedbackSsrcsBytes = 8;
export const firEntryBytes = 8;
/** "REMB". */
export const rembName = 0x52454d42;
/** SDES item (RFC 3550 section 6.5.1). */
export const cnameItem = 1;
/** The count of a header has five bits. */
export const maxCount = 31;

/** One packet of a compound, its header read. */
export interface RtcpPart {
  readonly type: number;
  /** Five bits: how many blocks, or which feedback. */
  readonly count: number;
  /** What follows the header, without padding. */
  readonly body: DataView;
}
