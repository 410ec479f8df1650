import { readFileSync } from "node:fs";
import { usageError, type Environment } from "@conic/internal-cli";

/** A text that must not be seen in the list of processes, and where it came from. */
export interface Secret {
  readonly text: string;
  /** The option or variable. */
  readonly source: string;
}

/** @throws ExitError with code 2 when it cannot be read. */
export function readTextFile(path: string, source: string): Secret {
  try {
    return { text: readFileSync(path, "utf8"), source };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "error";
    throw usageError(`${source}: ${path} cannot be read (${code})`);
  }
}

/**
 * Out of a file, or out of a variable. One line end behind it, which editors and `echo` put there, is not part of it.
 * @throws ExitError with code 2 for both at once, or a file that cannot be read.
 */
export function readSecret(
  option: string,
  path: string | undefined,
  variable: string,
  env: Environment,
): Secret | undefined {
  const direct = env[variable];
  if (path === undefined) {
    return direct === undefined || direct === "" ? undefined : { text: direct, source: variable };
  }
  if (direct !== undefined && direct !== "") {
    throw usageError(`${option} and ${variable} say the same thing; leave one out`);
  }
  const { text, source } = readTextFile(path, option);
  return { text: text.replace(/\r?\n$/, ""), source };
}
