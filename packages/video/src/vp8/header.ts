/** What the first bytes of a VP8 frame say (RFC 6386 section 9.1). */
export interface Vp8Header {
  readonly keyFrame: boolean;
  /** 0 to 3: which filters the decoder uses. */
  readonly version: number;
  /** False for a frame that is only decoded, never shown. */
  readonly showFrame: boolean;
  readonly firstPartitionBytes: number;
  /** In pixels; key frames alone say it. */
  readonly width?: number;
  readonly height?: number;
}

/** Undefined for bytes that are no VP8 frame. Never throws. */
export function parseVp8Header(data: Uint8Array): Vp8Header | undefined {
  if (data.length < 3) return undefined;
  const tag = byte(data, 0) | (byte(data, 1) << 8) | (byte(data, 2) << 16);
  const keyFrame = (tag & 1) === 0;
  const version = (tag >> 1) & 7;
  const firstPartitionBytes = tag >> 5;
  const headerBytes = keyFrame ? 10 : 3;
  if (version > 3 || firstPartitionBytes > data.length - headerBytes) return undefined;
  const common = { keyFrame, version, showFrame: (tag & 0x10) !== 0, firstPartitionBytes };
  if (!keyFrame) return common;
  if (byte(data, 3) !== 0x9d || byte(data, 4) !== 0x01 || byte(data, 5) !== 0x2a) return undefined;
  // The two bits above the 14 of each size are a hint for scaling, which players ignore.
  const width = (byte(data, 6) | (byte(data, 7) << 8)) & 0x3fff;
  const height = (byte(data, 8) | (byte(data, 9) << 8)) & 0x3fff;
  return width === 0 || height === 0 ? undefined : { ...common, width, height };
}

function byte(data: Uint8Array, index: number): number {
  return data[index] ?? 0;
}
