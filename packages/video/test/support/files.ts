import type { EncodedChunk, VideoFrame } from "@conic/domain";
import type { VideoFileSink } from "../../src/index.js";

/** A sink in memory, which can seek unless told otherwise. */
export class MemorySink implements VideoFileSink {
  readonly parts: Uint8Array[] = [];
  overwrite?: (bytes: Uint8Array, position: number) => void;

  constructor(options: { readonly seekable?: boolean } = {}) {
    if (options.seekable === false) return;
    this.overwrite = (bytes, position) => {
      const all = this.bytes;
      all.set(bytes, position);
      this.parts.splice(0, this.parts.length, all);
    };
  }

  write(bytes: Uint8Array): void {
    this.parts.push(bytes.slice());
  }

  get bytes(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.parts));
  }
}

/** `bytes` in pieces, as a stream gives them. */
export async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) {
    yield await Promise.resolve(bytes.slice(start, start + size));
  }
}

/** A VP8 frame as far as its header goes: `length` bytes, of which the first partition has none. */
export function vp8Frame(
  type: "key" | "delta",
  length = 40,
  size: readonly [number, number] = [64, 48],
): Uint8Array {
  const data = new Uint8Array(length).fill(7);
  data.set([type === "key" ? 0x10 : 0x11, 0, 0]);
  if (type === "key") {
    data.set([0x9d, 0x01, 0x2a, size[0] & 255, size[0] >> 8, size[1] & 255, size[1] >> 8], 3);
  }
  return data;
}

/** Chunks at 30 frames a second, every tenth of them a key frame. */
export function vp8Chunks(count: number): EncodedChunk[] {
  return Array.from({ length: count }, (_, index) => {
    const type = index % 10 === 0 ? "key" : "delta";
    return {
      type,
      timestamp: Math.round((index * 1_000_000) / 30),
      duration: 33_333,
      data: vp8Frame(type, 40 + (index % 7)),
    };
  });
}

/** A Y4M file of pictures whose bytes are counted up. */
export function y4mFile(
  width: number,
  height: number,
  frames: number,
  parameters = "F30:1 Ip A1:1 C420jpeg",
): Uint8Array {
  const size = width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
  const parts = [Buffer.from(`YUV4MPEG2 W${width} H${height} ${parameters}\n`)];
  for (let frame = 0; frame < frames; frame += 1) {
    parts.push(Buffer.from("FRAME\n"), Buffer.from(pictureBytes(size, frame)));
  }
  return new Uint8Array(Buffer.concat(parts));
}

export function pictureBytes(size: number, frame: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, at) => (at + frame * 31) & 255);
}

/** What `run` rejects with, or throws; undefined where it does not. */
export async function rejection(run: () => unknown): Promise<unknown> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** All items up to the error, and the error. */
export async function drain<T>(
  source: AsyncIterable<T>,
): Promise<{ readonly items: T[]; readonly error: unknown }> {
  const items: T[] = [];
  try {
    for await (const item of source) items.push(item);
    return { items, error: undefined };
  } catch (error) {
    return { items, error };
  }
}

/** A grey picture with the given luma. */
export function flatFrame(width: number, height: number, luma: number): VideoFrame {
  const size = width * height;
  const data = new Uint8Array(size + 2 * Math.ceil(width / 2) * Math.ceil(height / 2)).fill(128);
  data.fill(luma, 0, size);
  return { codedWidth: width, codedHeight: height, timestamp: 0, duration: 0, data };
}
