import { isBefore, isBefore16, next, next16 } from "../wire/serial.js";
import { holdingBytes, ownData, type Message } from "./fragment.js";

/** Order of the messages of one stream of the remote. */
export class InboundStream {
  readonly #wide: boolean;
  #expected = 0;
  readonly #waiting = new Map<number, Message>();
  #waitingBytes = 0;

  /** @param wide - Whether messages are numbered with 32 bits (I-DATA) or 16 (DATA). */
  constructor(wide: boolean) {
    this.#wide = wide;
  }

  /** What complete messages hold that wait for one before them, in bytes. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Whether this message is the next one; the caller then delivers it and calls `following`. */
  take(message: Message): boolean {
    if (message.message === this.#expected) {
      this.#expected = this.#after(message.message);
      return true;
    }
    // Before the expected one: it was given up, and skipped, before it was complete.
    if (this.#isPast(message.message) || this.#waiting.has(message.message)) return false;
    this.#waiting.set(message.message, { ...message, data: ownData(message.data) });
    this.#waitingBytes += message.data.length + holdingBytes;
    return false;
  }

  /** The message that waited for the one before it. */
  following(): Message | undefined {
    if (this.#waiting.size === 0) return undefined;
    const message = this.#waiting.get(this.#expected);
    if (message === undefined) return undefined;
    this.#remove(message);
    this.#expected = this.#after(this.#expected);
    return message;
  }

  /** Messages up to `last` that are not complete never will be; those that are, in order. */
  *skipTo(last: number): Generator<Message> {
    if (this.#isPast(last)) return;
    const isSkipped = (id: number): boolean => !this.#isLater(id, last);
    const complete = [...this.#waiting.values()]
      .filter(({ message }) => isSkipped(message))
      .toSorted((a, b) => (this.#isLater(a.message, b.message) ? 1 : -1));
    this.#expected = this.#after(last);
    for (const message of complete) {
      this.#remove(message);
      yield message;
    }
  }

  #remove(message: Message): void {
    this.#waiting.delete(message.message);
    this.#waitingBytes -= message.data.length + holdingBytes;
  }

  #after(id: number): number {
    return this.#wide ? next(id) : next16(id);
  }

  #isPast(id: number): boolean {
    return this.#isLater(this.#expected, id);
  }

  #isLater(a: number, b: number): boolean {
    return this.#wide ? isBefore(b, a) : isBefore16(b, a);
  }
}
