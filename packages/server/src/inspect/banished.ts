/** Secrets that are remembered: a bound for a server that ends one client after the other. */
export const maxBanishedSecrets = 4096;

/**
 * The secrets of sessions that were ended on purpose. A client that was away then, or whose connection had broken
 * without anybody knowing, learns of it when it comes back; it would register anew otherwise.
 */
export class Banished {
  readonly #max: number;
  readonly #secrets = new Set<string>();

  constructor(max: number = maxBanishedSecrets) {
    this.#max = max;
  }

  /** Of too many, the oldest is forgotten. */
  add(secrets: Iterable<string>): void {
    for (const secret of secrets) this.#secrets.add(secret);
    for (const secret of this.#secrets) {
      if (this.#secrets.size <= this.#max) return;
      this.#secrets.delete(secret);
    }
  }

  has(secret: string | undefined): boolean {
    return secret !== undefined && this.#secrets.has(secret);
  }
}
