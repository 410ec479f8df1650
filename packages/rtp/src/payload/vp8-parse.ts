/** What the payload descriptor of VP8 says (RFC 7741 section 4.2), and the first byte of the frame. */
export interface Vp8Payload {
  /** Of the descriptor: the frame's bytes follow it, at least one. */
  readonly headerBytes: number;
  /** First packet of a frame: the start of partition 0. */
  readonly start: boolean;
  /** Whether the frame is a key frame; undefined unless `start`. */
  readonly keyFrame: boolean | undefined;
  /** S: this packet begins a partition. */
  readonly partitionStart: boolean;
  /** PID, 0 to 7. */
  readonly partition: number;
  /** N: no later frame depends on this one. */
  readonly nonReference: boolean;
  /** 7 or 15 bits wide: see `pictureIdBits`. */
  readonly pictureId: number | undefined;
  readonly pictureIdBits: 0 | 7 | 15;
  /** 8 bits. */
  readonly tl0PicIdx: number | undefined;
  /** TID, 0 to 3. */
  readonly temporalLayer: number | undefined;
  /** Y: depends on the base layer alone; undefined without TID. */
  readonly layerSync: boolean | undefined;
  /** KEYIDX, 5 bits. */
  readonly keyIndex: number | undefined;
}

const pictureIdBit = 0x80;
const tl0PicIdxBit = 0x40;
const layerBit = 0x20;
const keyIndexBit = 0x10;

/** Reads the descriptor; undefined when the payload ends in it, or right after it. */
export function parseVp8(payload: Uint8Array): Vp8Payload | undefined {
  if (payload.length < 2) return undefined;
  const headerBytes = descriptorBytes(payload);
  if (headerBytes >= payload.length) return undefined;
  const first = payload[0] as number;
  const fields = first > 0x7f ? (payload[1] as number) : 0;
  const partition = first & 0x07;
  const partitionStart = (first & 0x10) !== 0;
  const start = partitionStart && partition === 0;
  const pictureIdBits = pictureIdWidth(payload, fields);
  // One byte holds temporal layer and key index, the last of the descriptor; it is there for either.
  const layerAt = headerBytes - 1;
  const layer = payload[layerAt] as number;
  const tl0At = (fields & (layerBit | keyIndexBit)) === 0 ? layerAt : layerAt - 1;
  return {
    headerBytes,
    start,
    // The inverse of P, the lowest bit of the frame (RFC 7741 section 4.3).
    keyFrame: start ? ((payload[headerBytes] as number) & 1) === 0 : undefined,
    partitionStart,
    partition,
    nonReference: (first & 0x20) !== 0,
    pictureId: pictureIdBits === 0 ? undefined : readPictureId(payload, pictureIdBits),
    pictureIdBits,
    tl0PicIdx: (fields & tl0PicIdxBit) === 0 ? undefined : payload[tl0At],
    temporalLayer: (fields & layerBit) === 0 ? undefined : layer >> 6,
    layerSync: (fields & layerBit) === 0 ? undefined : (layer & 0x20) !== 0,
    keyIndex: (fields & keyIndexBit) === 0 ? undefined : layer & 0x1f,
  };
}

/** Where the descriptor ends, which may be beyond the end of the payload. */
function descriptorBytes(payload: Uint8Array): number {
  if ((payload[0] as number) <= 0x7f) return 1;
  const fields = payload[1] as number;
  const pictureIdBits = pictureIdWidth(payload, fields);
  let bytes = 2;
  if (pictureIdBits > 0) bytes += pictureIdBits === 15 ? 2 : 1;
  if ((fields & tl0PicIdxBit) !== 0) bytes += 1;
  if ((fields & (layerBit | keyIndexBit)) !== 0) bytes += 1;
  return bytes;
}

function pictureIdWidth(payload: Uint8Array, fields: number): 0 | 7 | 15 {
  if ((fields & pictureIdBit) === 0) return 0;
  return payload.length > 2 && (payload[2] as number) > 0x7f ? 15 : 7;
}

function readPictureId(payload: Uint8Array, bits: 7 | 15): number {
  const first = payload[2] as number;
  return bits === 7 ? first : ((first & 0x7f) << 8) | (payload[3] as number);
}
