import { open, type FileHandle } from "node:fs/promises";
import { ConicError, isConicError } from "@conic/domain";
import { ExitError, exitCodes } from "@conic/internal-cli";
import { reason } from "./reasons.js";

/** A file that is open for reading. */
export interface InputFile {
  readonly handle: FileHandle;
  /** Undefined for what has no size, such as a pipe. */
  readonly bytes: number | undefined;
}

/** @throws ExitError with code 2 and one line. */
export async function openInput(path: string): Promise<InputFile> {
  let handle: FileHandle;
  try {
    handle = await open(path, "r");
  } catch (error) {
    throw cannotRead(path, reason(error, "there is no such file"), error);
  }
  const stats = await handle.stat();
  if (stats.isDirectory()) {
    await handle.close();
    throw cannotRead(path, "it is a directory");
  }
  return { handle, bytes: stats.isFile() ? stats.size : undefined };
}

/** The same error, with the name of the file that it is about; `aborted` and faults of the program as they are. */
export function naming(path: string, error: unknown): unknown {
  if (!isConicError(error) || error.code === "aborted") return error;
  return new ConicError(error.code, `${path}: ${error.message}`, {
    cause: error,
    details: error.details,
  });
}

function cannotRead(path: string, why: string, cause?: unknown): ExitError {
  return new ExitError(exitCodes.usage, `cannot read ${path}: ${why}`, { cause });
}

/** Bytes read at once where each of them costs time to convert: the event loop must not stall. */
const smallChunkBytes = 16 * 1024;

/** The rest of a file, in chunks that are valid until the next one is asked for. */
export async function* smallChunks(handle: FileHandle): AsyncGenerator<Uint8Array, undefined> {
  const buffer = new Uint8Array(smallChunkBytes);
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
    if (bytesRead === 0) return undefined;
    yield buffer.subarray(0, bytesRead);
  }
}
