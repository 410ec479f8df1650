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

/** Reads the descriptor; undefined when the payload ends in it, or right after it. */
export function parseVp8(payload: Uint8Array): Vp8Payload | undefined {
  const length = payload.length;
  if (length < 2) return undefined;
  const first = payload[0] as number;
  let at = 1;
  let pictureId: number | undefined;
  let pictureIdBits: 0 | 7 | 15 = 0;
  let tl0PicIdx: number | undefined;
  let temporalLayer: number | undefined;
  let layerSync: boolean | undefined;
  let keyIndex: number | undefined;
  if ((first & 0x80) !== 0) {
    const fields = payload[1] as number;
    at = 2;
    if ((fields & 0x80) !== 0) {
      if (at >= length) return undefined;
      pictureId = (payload[at] as number) & 0x7f;
      pictureIdBits = 7;
      if ((payload[at] as number) > 0x7f) {
        if (at + 1 >= length) return undefined;
        at += 1;
        pictureId = (pictureId << 8) | (payload[at] as number);
        pictureIdBits = 15;
      }
      at += 1;
    }
    if ((fields & 0x40) !== 0) {
      if (at >= length) return undefined;
      tl0PicIdx = payload[at] as number;
      at += 1;
    }
    // One byte holds both, and is there for either.
    if ((fields & 0x30) !== 0) {
      if (at >= length) return undefined;
      const layer = payload[at] as number;
      at += 1;
      if ((fields & 0x20) !== 0) {
        temporalLayer = layer >> 6;
        layerSync = (layer & 0x20) !== 0;
      }
      if ((fields & 0x10) !== 0) keyIndex = layer & 0x1f;
    }
  }
  if (at >= length) return undefined;
  const partition = first & 0x07;
  const partitionStart = (first & 0x10) !== 0;
  const start = partitionStart && partition === 0;
  return {
    headerBytes: at,
    start,
    // The inverse of P, the lowest bit of the frame (RFC 7741 section 4.3).
    keyFrame: start ? ((payload[at] as number) & 1) === 0 : undefined,
    partitionStart,
    partition,
    nonReference: (first & 0x20) !== 0,
    pictureId,
    pictureIdBits,
    tl0PicIdx,
    temporalLayer,
    layerSync,
    keyIndex,
  };
}
