import type { EncodedChunk, VideoDecoder, VideoEncoder, VideoFrame } from "@conic/domain";

/** A slope of light with a square that moves over it. */
export function picture(width: number, height: number, n: number): VideoFrame {
  const chromaWidth = Math.ceil(width / 2);
  const chromaHeight = Math.ceil(height / 2);
  const luma = width * height;
  const data = new Uint8Array(luma + 2 * chromaWidth * chromaHeight);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const inside = Math.abs(x - ((n * 3) % width)) < 20 && Math.abs(y - height / 2) < 20;
      data[y * width + x] = inside ? 220 : 40 + (x * 80) / width + (y * 60) / height;
    }
  }
  for (let y = 0; y < chromaHeight; y += 1) {
    for (let x = 0; x < chromaWidth; x += 1) {
      data[luma + y * chromaWidth + x] = 90 + (x * 60) / chromaWidth;
      data[luma + (chromaHeight + y) * chromaWidth + x] = 170 - (y * 60) / chromaHeight;
    }
  }
  const timestamp = Math.round((n * 1_000_000) / 30);
  return { codedWidth: width, codedHeight: height, timestamp, duration: 33_333, data };
}

/** Of all planes, in dB. */
export function psnrOf(a: Uint8Array, b: Uint8Array): number {
  let squares = 0;
  for (let at = 0; at < a.length; at += 1) squares += ((a[at] ?? 0) - (b[at] ?? 0)) ** 2;
  return 10 * Math.log10((255 * 255 * a.length) / squares);
}

/** Encodes the pictures `from` to `from + count - 1`; a frame that is left out is an error here. */
export async function encodeAll(
  encoder: VideoEncoder,
  count: number,
  options: { readonly from?: number; readonly keys?: readonly number[] } = {},
): Promise<EncodedChunk[]> {
  const { from = 0, keys = [] } = options;
  const chunks: EncodedChunk[] = [];
  for (let n = from; n < from + count; n += 1) {
    const frame = picture(encoder.width, encoder.height, n);
    chunks.push(present(await encoder.encode(frame, { keyFrame: keys.includes(n) })));
  }
  return chunks;
}

export async function decodeAll(
  decoder: VideoDecoder,
  chunks: readonly EncodedChunk[],
): Promise<VideoFrame[]> {
  const frames: VideoFrame[] = [];
  for (const chunk of chunks) frames.push(present(await decoder.decode(chunk)));
  return frames;
}

export function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("nothing came out");
  return value;
}

/** Luma of a frame. */
export function lumaOf({ codedWidth, codedHeight, data }: VideoFrame): Uint8Array {
  return data.subarray(0, codedWidth * codedHeight);
}

/** What `run` rejects with; undefined where it does not. */
export async function rejection(run: () => unknown): Promise<unknown> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error;
  }
}
