import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Environment } from "../command-line/parse.js";
import { usageError } from "../exit-codes.js";

/** Fits where the `token` option of a client is. */
export type Token = string | (() => string);

export interface TokenOptions {
  /** What `--token-file` says. */
  readonly path: string | undefined;
  readonly env: Environment;
  readonly cwd: string;
  /** Gets one line about what is not wrong, but not wise either. */
  readonly warn: (text: string) => void;
}

/** A server takes 8192 characters; this is no token but some other file. */
const maxTokenBytes = 65_536;
const othersMayRead = 0o044;

/** @throws Error with one line that says what is wrong with it. It never holds what was read. */
function checked(text: string, source: string): string {
  const token = text.trim();
  if (token === "") throw new Error(`${source} is empty: put a token into it`);
  if (/\s/.test(token)) throw new Error(`${source} holds more than one word: a token is one`);
  return token;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "error";
}

/** @throws Error with one line that says what is wrong with the file. */
function readTokenFile(path: string): { readonly token: string; readonly mode: number } {
  const source = `--token-file: ${path}`;
  let text: string;
  let mode: number;
  try {
    const stats = statSync(path);
    mode = stats.mode;
    // A pipe can be read only once, and to wait for its writer would stop the whole program.
    if (!stats.isFile()) throw new TypeError("no regular file");
    if (stats.size > maxTokenBytes) throw new RangeError(`above ${maxTokenBytes} bytes`);
    text = readFileSync(path, "utf8");
  } catch (error) {
    const kind = error instanceof TypeError || error instanceof RangeError;
    const why = kind && !("code" in error) ? error.message : codeOf(error);
    throw new Error(`${source} cannot be read (${why})`, { cause: error });
  }
  return { token: checked(text, source), mode };
}

/**
 * The token out of a file, which is read again each time that the client asks so that another program can renew it, or
 * out of `CONIC_TOKEN`. Never out of the arguments: every user of the machine can see those.
 * @throws ExitError with code 2 for both at once, and a file that cannot be used now.
 */
export function readToken({ path, env, cwd, warn }: TokenOptions): Token | undefined {
  const direct = env["CONIC_TOKEN"] ?? "";
  if (path === undefined) {
    return direct === "" ? undefined : usable(() => checked(direct, "CONIC_TOKEN"));
  }
  if (direct !== "") {
    throw usageError("--token-file and CONIC_TOKEN say the same thing; leave one out");
  }
  // pnpm runs scripts in the folder of the package and leaves in INIT_CWD where the user is.
  const file = resolve(env["INIT_CWD"] ?? cwd, path);
  const { mode } = usable(() => readTokenFile(file));
  if (process.platform !== "win32" && (mode & othersMayRead) !== 0) {
    const octal = (mode & 0o777).toString(8);
    warn(`warning: others may read ${path} (mode ${octal}); chmod 600 it`);
  }
  return () => readTokenFile(file).token;
}

function usable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : String(error));
  }
}
