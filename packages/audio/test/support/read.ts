import type { WavReader } from "../../src/index.js";

/** `bytes` in pieces, as a stream gives them. */
export async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) {
    yield await Promise.resolve(bytes.slice(start, start + size));
  }
}

/** What `run` returns or throws. */
export function outcome(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

/** All samples of a reader, one array per channel. */
export async function planarOf(reader: WavReader): Promise<Float32Array[]> {
  const channels: number[][] = Array.from({ length: reader.info.format.channels }, () => []);
  for await (const block of reader.blocks()) {
    for (const [index, floats] of block.planar().entries()) channels[index]?.push(...floats);
  }
  return channels.map((channel) => Float32Array.from(channel));
}
