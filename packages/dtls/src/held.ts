/** Records that wait at most: a loss of more is repaired as any loss is. */
export const maxHeldRecords = 64;
export const maxHeldBytes = 131_072;

/** What arrived before it could be read or delivered. A queue that is full takes nothing more. */
export class HeldRecords<T> {
  readonly #items: T[] = [];
  #bytes = 0;

  add(item: T, bytes: number): void {
    if (this.#items.length >= maxHeldRecords || this.#bytes + bytes > maxHeldBytes) return;
    this.#items.push(item);
    this.#bytes += bytes;
  }

  /** Everything so far, in order; the queue counts from nothing again. */
  drain(): T[] {
    this.#bytes = 0;
    return this.#items.splice(0);
  }
}
