import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { access, open, realpath, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ExitError, exitCodes } from "@conic/internal-cli";
import { codeOf, reason } from "./reasons.js";

/** A new file beside the one that it is to replace. Ends with one call of `commit` or `discard`. */
export class Draft {
  readonly handle: FileHandle;
  readonly #path: string;
  readonly #target: string;

  private constructor(handle: FileHandle, path: string, target: string) {
    this.handle = handle;
    this.#path = path;
    this.#target = target;
  }

  /** @throws ExitError with code 2 when `path` cannot be written at all. */
  static async create(path: string): Promise<Draft> {
    try {
      const { target, mode } = await existing(path);
      const name = `.${basename(target)}.${randomBytes(6).toString("hex")}.tmp`;
      const draft = join(dirname(target), name);
      return new Draft(await open(draft, "wx", mode), draft, target);
    } catch (error) {
      if (error instanceof ExitError) throw error;
      throw cannotWrite(path, reason(error, "the folder does not exist"), error);
    }
  }

  /** The draft takes the name. When that fails, the draft is gone and an older file of that name untouched. */
  async commit(): Promise<void> {
    try {
      // Before the rename, or a power cut may leave the name with an empty file.
      await this.handle.sync();
      await this.handle.close();
      await rename(this.#path, this.#target);
    } catch (error) {
      await this.discard();
      throw error;
    }
  }

  /** The draft is gone. */
  async discard(): Promise<void> {
    await this.handle.close();
    await rm(this.#path, { force: true });
  }
}

/**
 * Writes a file so that others see all of it or nothing: `write` fills a temporary file in the same folder, which
 * then takes the name. When `write` throws, the temporary file is gone and an older file of that name untouched.
 * @throws ExitError with code 2 when `path` cannot be written at all.
 */
export async function writeAtomically<T>(
  path: string,
  write: (handle: FileHandle) => Promise<T>,
): Promise<T> {
  const draft = await Draft.create(path);
  let result: T;
  try {
    result = await write(draft.handle);
  } catch (error) {
    await draft.discard();
    throw error;
  }
  await draft.commit();
  return result;
}

/** The file to replace: the end of a symbolic link, not the link, and with the mode that it has. */
async function existing(path: string): Promise<{ target: string; mode: number }> {
  let target: string;
  try {
    target = await realpath(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return { target: path, mode: 0o666 };
    throw error;
  }
  const stats = await stat(target);
  if (stats.isDirectory()) throw cannotWrite(path, "it is a directory");
  // A rename would replace a device such as /dev/null by a file.
  if (!stats.isFile()) throw cannotWrite(path, "it is not a regular file");
  await access(target, constants.W_OK);
  return { target, mode: stats.mode & 0o777 };
}

function cannotWrite(path: string, why: string, cause?: unknown): ExitError {
  return new ExitError(exitCodes.usage, `cannot write ${path}: ${why}`, { cause });
}
