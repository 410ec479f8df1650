/** Where a file is written to. */
export interface VideoFileSink {
  /** Appends `bytes`, all of them. They are not touched until the returned promise settles. */
  write(bytes: Uint8Array): Promise<void> | void;
  /**
   * Overwrites what was written `position` bytes after the start of the file. A sink that cannot seek leaves it
   * out, and its files do not say how long they are.
   */
  overwrite?(bytes: Uint8Array, position: number): Promise<void> | void;
}

/** What a `FileHandle` of `node:fs/promises` has. */
export interface WritableFile {
  write(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }>;
}

/** A sink that writes a file from its start on. The handle stays the caller's: it is not closed. */
export function fileSink(file: WritableFile): Required<VideoFileSink> {
  let end = 0;
  const overwrite = async (bytes: Uint8Array, position: number): Promise<void> => {
    // A write may be short, for instance when a signal interrupts it.
    for (let done = 0; done < bytes.length;) {
      const result = await file.write(bytes, done, bytes.length - done, position + done);
      done += result.bytesWritten;
    }
  };
  return {
    overwrite,
    write: async (bytes) => {
      const position = end;
      end += bytes.length;
      await overwrite(bytes, position);
    },
  };
}
