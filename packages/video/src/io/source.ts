import { invalidArgument } from "../errors.js";

/** What a `FileHandle` of `node:fs/promises` has: reads on from its current position. */
export interface ReadableFile {
  read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: null,
  ): Promise<{ readonly bytesRead: number }>;
}

/** Where the bytes of a file come from: a Node stream, a `ReadableStream`, a file handle, or memory. */
export type VideoFileSource =
  | AsyncIterable<Uint8Array>
  | Iterable<Uint8Array>
  | ReadableFile
  | Uint8Array;

/** Bytes read from a file at once: large enough that the system call is cheap, small enough for the cache. */
const fileChunkBytes = 256 * 1024;

/** The source as one kind of iterator. Its `return` releases the source; a file handle stays open. */
export function chunksOf(
  source: VideoFileSource,
): AsyncIterator<Uint8Array, unknown> | Iterator<Uint8Array, unknown> {
  if (source instanceof Uint8Array) return [source][Symbol.iterator]();
  // First of all: a Node stream also has a read(), of another kind.
  if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]();
  if (Symbol.iterator in source) return source[Symbol.iterator]();
  if (typeof (source as Partial<ReadableFile>).read === "function") return fileChunks(source);
  throw invalidArgument("the source is neither iterable nor a file handle");
}

async function* fileChunks(file: ReadableFile): AsyncGenerator<Uint8Array, undefined> {
  // One buffer for all chunks: that, and not the speed of the disk, is what keeps the memory flat.
  const buffer = new Uint8Array(fileChunkBytes);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
    if (bytesRead === 0) return undefined;
    yield buffer.subarray(0, bytesRead);
  }
}
