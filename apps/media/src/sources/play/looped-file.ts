import { ConicError } from "@conic/domain";
import { naming, openInput, type InputFile } from "../../files/input-file.js";

interface Opened<R> {
  readonly input: InputFile;
  readonly reader: R;
}

export interface LoopedFileOptions<R> {
  readonly path: string;
  readonly loop: boolean;
  /** Reads the headers. */
  readonly open: (input: InputFile) => Promise<R>;
}

/** A file that is read once, or again and again. Its headers are read when it is made. */
export class LoopedFile<R extends AsyncDisposable> implements AsyncDisposable {
  readonly #options: LoopedFileOptions<R>;
  #opened: Opened<R>;
  #disposed = false;

  private constructor(options: LoopedFileOptions<R>, opened: Opened<R>) {
    this.#options = options;
    this.#opened = opened;
  }

  /** @throws ExitError with code 2 when the file cannot be read; what `open` throws, with the path in front. */
  static async open<R extends AsyncDisposable>(
    options: LoopedFileOptions<R>,
  ): Promise<LoopedFile<R>> {
    return new LoopedFile(options, await openFile(options));
  }

  /** Of the pass that goes on. */
  get reader(): R {
    return this.#opened.reader;
  }

  /**
   * What `read` takes from the file, pass after pass.
   * @throws ConicError `invalid_data` for a file without anything; what the reader throws, with the path in front.
   */
  async *items<T>(read: (reader: R) => AsyncIterable<T>): AsyncGenerator<T, undefined> {
    const { path, loop } = this.#options;
    try {
      for (;;) {
        let empty = true;
        for await (const item of read(this.reader)) {
          empty = false;
          yield item;
        }
        if (this.#disposed) return undefined;
        // Also what keeps a loop over an empty file from running hot.
        if (empty) throw new ConicError("invalid_data", "there is nothing in it to play");
        await this.#close();
        if (!loop) return undefined;
        this.#opened = await openFile(this.#options);
      }
    } catch (error) {
      throw naming(path, error);
    } finally {
      await this[Symbol.asyncDispose]();
    }
  }

  /** Ends what reads it. Idempotent. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    return this.#close();
  }

  async #close(): Promise<void> {
    const { input, reader } = this.#opened;
    await reader[Symbol.asyncDispose]();
    await input.handle.close();
  }
}

async function openFile<R>(options: LoopedFileOptions<R>): Promise<Opened<R>> {
  const { path, open } = options;
  const input = await openInput(path);
  try {
    return { input, reader: await open(input) };
  } catch (error) {
    await input.handle.close();
    throw naming(path, error);
  }
}
