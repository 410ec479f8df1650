import { statSync, readFileSync, type Stats } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { ConicError, type Clock, type Logger } from "@conic/domain";
import { keySet, type TokenKey } from "./keys.js";

/** No file is looked at more often than this, whoever sends tokens. */
const checkIntervalMs = 1000;
export const maxKeyFileBytes = 1_048_576;

/**
 * The keys of a file that may change: it is looked at when a token is to be checked, at most each second. A file
 * that cannot be read, or is only half written, changes nothing: the keys that were good before stay.
 */
export class KeyFile {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #keys: readonly TokenKey[];
  #version: string;
  #checkedAt: number;
  #checking: Promise<void> | undefined;

  /** @throws ConicError `invalid_argument` when there is no such file, or no usable key in it. */
  constructor(path: string, clock: Clock, logger: Logger) {
    this.#path = path;
    this.#clock = clock;
    this.#logger = logger;
    this.#checkedAt = clock.now();
    try {
      this.#version = versionOf(statSync(path));
      this.#keys = keySet(readFileSync(path, "utf8"));
    } catch (error) {
      throw ConicError.from(error, "invalid_argument", "the JWK set cannot be read");
    }
  }

  async keys(): Promise<readonly TokenKey[]> {
    if (this.#clock.now() - this.#checkedAt >= checkIntervalMs) {
      this.#checkedAt = this.#clock.now();
      this.#checking ??= this.#check();
    }
    if (this.#checking !== undefined) await this.#checking;
    return this.#keys;
  }

  async #check(): Promise<void> {
    try {
      const version = versionOf(await stat(this.#path));
      if (version === this.#version) return;
      this.#keys = keySet(await readFile(this.#path, "utf8"));
      this.#version = version;
      this.#logger.info({ keys: this.#keys.length }, "the keys for tokens have changed");
    } catch (error) {
      this.#logger.warn({ err: error }, "the JWK set cannot be read; the older keys stay in use");
    } finally {
      this.#checking = undefined;
    }
  }
}

/** The inode too: a mounted secret is replaced by turning a link, often within the same tick of the clock. */
function versionOf({ mtimeMs, size, ino }: Stats): string {
  if (size > maxKeyFileBytes) {
    throw new ConicError("invalid_argument", `a JWK set has at most ${maxKeyFileBytes} bytes`);
  }
  return `${mtimeMs} ${size} ${ino}`;
}
