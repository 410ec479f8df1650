/** RFC 6347 section 4.1 and RFC 5246 section 6.2.1. */
export const contentType = {
  changeCipherSpec: 20,
  alert: 21,
  handshake: 22,
  applicationData: 23,
} as const;

export const recordHeaderBytes = 13;
/** RFC 5246 section 6.2.1: of the content of one record. */
export const maxContentBytes = 16_384;

export const dtls10 = 0xfeff;
export const dtls12 = 0xfefd;
const dtlsMajor = 0xfe;

export interface RecordView {
  readonly type: number;
  readonly epoch: number;
  readonly sequence: number;
  /** Header and content. */
  readonly bytes: Buffer;
}

/**
 * The record at `at`; undefined when none is there. RFC 6347 section 4.1.2.7: what is no record of DTLS is dropped
 * without a word, and with it the rest of the datagram.
 */
export function recordAt(datagram: Buffer, at: number): RecordView | undefined {
  if (at + recordHeaderBytes > datagram.length) return undefined;
  const end = at + recordHeaderBytes + datagram.readUInt16BE(at + 11);
  if (end > datagram.length || datagram.readUInt8(at + 1) !== dtlsMajor) return undefined;
  return {
    type: datagram.readUInt8(at),
    epoch: datagram.readUInt16BE(at + 3),
    sequence: datagram.readUIntBE(at + 5, 6),
    bytes: datagram.subarray(at, end),
  };
}

export function writeHeader(
  record: Buffer,
  type: number,
  epoch: number,
  sequence: number,
  length: number,
): void {
  record.writeUInt8(type, 0);
  record.writeUInt16BE(dtls12, 1);
  record.writeUInt16BE(epoch, 3);
  record.writeUIntBE(sequence, 5, 6);
  record.writeUInt16BE(length, 11);
}
