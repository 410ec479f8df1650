import { ConicError } from "@conic/domain";
import type { ByteReader } from "./byte-reader.js";

/** What readers share: `frames()` is read once, by one loop; leaving that loop closes the reader. */
export abstract class OneLoopReader<T> implements AsyncDisposable {
  readonly #bytes: ByteReader;
  #started = false;
  #closed = false;

  constructor(bytes: ByteReader) {
    this.#bytes = bytes;
  }

  frames(): AsyncIterableIterator<T> {
    if (this.#started) throw new ConicError("invalid_state", "frames() was called before");
    this.#started = true;
    return this.#frames();
  }

  async *#frames(): AsyncGenerator<T, undefined> {
    try {
      while (!this.#closed) {
        const frame = await this.next(this.#bytes);
        // A reader that was closed meanwhile has not come to a wrong end.
        if (frame === undefined) return undefined;
        yield frame;
      }
      return undefined;
    } catch (error) {
      if (this.#closed) return undefined;
      throw error;
    } finally {
      await this.close();
    }
  }

  /** The next frame; undefined at the end. */
  protected abstract next(bytes: ByteReader): Promise<T | undefined>;

  close(): Promise<void> {
    this.#closed = true;
    return this.#bytes.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Makes a reader; where that fails, the source is released before the error goes on. */
export async function opened<T>(bytes: ByteReader, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    await bytes.close();
    throw error;
  }
}
