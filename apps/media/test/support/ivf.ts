/** A VP8 frame of which nothing but the header is right. */
export function vp8Frame(key: boolean, bytes = 100, width = 640, height = 480): Uint8Array {
  const data = new Uint8Array(bytes);
  data[0] = (key ? 0 : 1) | 0x10;
  if (key) {
    data.set([0x9d, 0x01, 0x2a], 3);
    new DataView(data.buffer).setUint16(6, width, true);
    new DataView(data.buffer).setUint16(8, height, true);
  }
  return data;
}

export interface IvfShape {
  readonly fourcc?: string;
  readonly frames: readonly { readonly pts: number; readonly data: Uint8Array }[];
  readonly rate?: number;
}

/** The bytes of an IVF file, by its description, not by the writer that is under test elsewhere. */
export function ivfFile({ fourcc = "VP80", frames, rate = 30 }: IvfShape): Uint8Array {
  const header = new Uint8Array(32);
  const view = new DataView(header.buffer);
  header.set(new TextEncoder().encode(`DKIF\0\0`));
  view.setUint16(6, 32, true);
  header.set(new TextEncoder().encode(fourcc), 8);
  view.setUint16(12, 640, true);
  view.setUint16(14, 480, true);
  view.setUint32(16, rate, true);
  view.setUint32(20, 1, true);
  view.setUint32(24, frames.length, true);
  const parts: Uint8Array[] = [header];
  for (const { pts, data } of frames) {
    const head = new Uint8Array(12);
    new DataView(head.buffer).setUint32(0, data.length, true);
    new DataView(head.buffer).setBigUint64(4, BigInt(pts), true);
    parts.push(head, data);
  }
  return new Uint8Array(Buffer.concat(parts));
}
