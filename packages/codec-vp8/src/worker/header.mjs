/**
 * The start of a VP8 frame (RFC 6386 section 9.1); undefined for bytes that are none.
 * @param {Uint8Array} data
 * @returns {{ keyFrame: boolean, showFrame: boolean, width: number, height: number } | undefined} sizes 0 in a delta frame
 */
export function parseHeader(data) {
  const [b0 = 0, b1 = 0, b2 = 0, s0, s1, s2, w0 = 0, w1 = 0, h0 = 0, h1 = 0] = data.subarray(0, 10);
  const keyFrame = (b0 & 1) === 0;
  const headerBytes = keyFrame ? 10 : 3;
  const firstPartitionBytes = (b0 | (b1 << 8) | (b2 << 16)) >> 5;
  if (((b0 >> 1) & 7) > 3 || firstPartitionBytes > data.length - headerBytes) return undefined;
  const showFrame = (b0 & 0x10) !== 0;
  if (!keyFrame) return { keyFrame, showFrame, width: 0, height: 0 };
  if (s0 !== 0x9d || s1 !== 0x01 || s2 !== 0x2a) return undefined;
  const width = (w0 | (w1 << 8)) & 0x3fff;
  const height = (h0 | (h1 << 8)) & 0x3fff;
  return width === 0 || height === 0 ? undefined : { keyFrame, showFrame, width, height };
}
