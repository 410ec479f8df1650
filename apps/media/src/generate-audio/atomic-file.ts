import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { access, open, realpath, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ExitError, exitCodes } from "@conic/internal-cli";

/** A new file beside the one that it is to replace. */
interface Draft {
  readonly handle: FileHandle;
  readonly path: string;
  readonly target: string;
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
  const draft = await createDraft(path);
  try {
    const result = await fill(draft, write);
    await rename(draft.path, draft.target);
    return result;
  } catch (error) {
    await rm(draft.path, { force: true });
    throw error;
  }
}

async function fill<T>(draft: Draft, write: (handle: FileHandle) => Promise<T>): Promise<T> {
  try {
    const result = await write(draft.handle);
    // Before the rename, or a power cut may leave the name with an empty file.
    await draft.handle.sync();
    return result;
  } finally {
    await draft.handle.close();
  }
}

async function createDraft(path: string): Promise<Draft> {
  try {
    const { target, mode } = await existing(path);
    const name = `.${basename(target)}.${randomBytes(6).toString("hex")}.tmp`;
    const draft = join(dirname(target), name);
    return { handle: await open(draft, "wx", mode), path: draft, target };
  } catch (error) {
    if (error instanceof ExitError) throw error;
    throw cannotWrite(path, reason(error), error);
  }
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

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "the folder does not exist",
  ENOTDIR: "a part of the path is not a folder",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENAMETOOLONG: "the name is too long",
  ELOOP: "the path has too many symbolic links",
};

function cannotWrite(path: string, why: string, cause?: unknown): ExitError {
  return new ExitError(exitCodes.usage, `cannot write ${path}: ${why}`, { cause });
}

function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return reasons[codeOf(error) ?? ""] ?? text;
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
