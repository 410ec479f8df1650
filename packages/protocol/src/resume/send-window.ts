/**
 * What one side of a session has sent and the other has not acknowledged, in order. Items are numbered from 1 for the
 * whole session; `added - acknowledged - forgotten` of them are kept.
 *
 * The window has no bound of its own: whoever adds decides at which `size` and `bytes` to wait, to forget or to end.
 */
export class SendWindow<T> {
  readonly #sizeOf: (item: T) => number;
  #items: T[] = [];
  #head = 0;
  #bytes = 0;
  #added = 0;
  #acknowledged = 0;

  constructor(sizeOf: (item: T) => number) {
    this.#sizeOf = sizeOf;
  }

  /** Items since the session began. */
  get added(): number {
    return this.#added;
  }

  /** The highest count that the other side has named. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Items kept. */
  get size(): number {
    return this.#items.length - this.#head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Number of the newest item that was forgotten or acknowledged: those after it are kept. */
  get missing(): number {
    return this.#added - this.size;
  }

  add(item: T): void {
    this.#items.push(item);
    this.#bytes += this.#sizeOf(item);
    this.#added += 1;
  }

  /** Whether `received` can be true, and everything behind it is here to be sent again. */
  canResume(received: number): boolean {
    return received >= this.missing && this.isPossible(received);
  }

  /** Whether the other side may say so: neither less than it said before nor more than there was. */
  isPossible(received: number): boolean {
    return received >= this.#acknowledged && received <= this.#added;
  }

  /** The other side has received this many: they are kept no longer. Less than before tells nothing. */
  acknowledge(received: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, Math.min(received, this.#added));
    while (this.missing < this.#acknowledged) this.#shift();
  }

  /** Takes the oldest item away, unacknowledged. */
  forget(): T | undefined {
    return this.size === 0 ? undefined : this.#shift();
  }

  /** What is kept, oldest first. */
  items(): T[] {
    return this.#items.slice(this.#head);
  }

  /** A new session: takes away what is kept, oldest first, and counts from 0. */
  reset(): T[] {
    const items = this.items();
    this.#items = [];
    this.#head = 0;
    this.#bytes = 0;
    this.#added = 0;
    this.#acknowledged = 0;
    return items;
  }

  #shift(): T {
    const item = this.#items[this.#head] as T;
    this.#items[this.#head] = undefined as T;
    this.#head += 1;
    this.#bytes -= this.#sizeOf(item);
    // Amortised constant time: the dead part is cut off when it is half of the array.
    if (this.#head > 64 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}
