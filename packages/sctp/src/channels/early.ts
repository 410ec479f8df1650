/** A message of a stream that has no channel yet, or whose last channel is not quite closed. */
export interface EarlyMessage {
  readonly ppid: number;
  readonly data: Uint8Array;
}

/** The remote reset the stream again. */
export const earlyReset = "reset";
export type EarlyEvent = EarlyMessage | typeof earlyReset;

export interface EarlyLimits {
  readonly maxMessages: number;
  readonly maxBytes: number;
}

/** Messages that came before the OPEN of their stream, within limits over all streams. */
export class EarlyMessages {
  readonly #limits: EarlyLimits;
  readonly #streams = new Map<number, EarlyEvent[]>();
  #messages = 0;
  #bytes = 0;

  constructor(limits: EarlyLimits) {
    this.#limits = limits;
  }

  /** A copy is held: a few bytes must not keep a whole packet alive. False when there is no room: the message is not held. */
  hold(streamId: number, message: EarlyMessage): boolean {
    const bytes = message.data.length;
    const { maxMessages, maxBytes } = this.#limits;
    if (this.#messages >= maxMessages || this.#bytes + bytes > maxBytes) return false;
    this.#messages += 1;
    this.#bytes += bytes;
    const held = this.#streams.get(streamId);
    const own = { ppid: message.ppid, data: message.data.slice() };
    if (held === undefined) this.#streams.set(streamId, [own]);
    else held.push(own);
    return true;
  }

  /** After what is held of the stream; without any there is nothing to reset. */
  reset(streamId: number): void {
    const held = this.#streams.get(streamId);
    if (held !== undefined && held.at(-1) !== earlyReset) held.push(earlyReset);
  }

  /** What a stream has, in the order it came; the stream has nothing after that. */
  take(streamId: number): readonly EarlyEvent[] {
    const held = this.#streams.get(streamId);
    if (held === undefined) return [];
    this.#streams.delete(streamId);
    for (const event of held) {
      if (event === earlyReset) continue;
      this.#messages -= 1;
      this.#bytes -= event.data.length;
    }
    return held;
  }

  clear(): void {
    this.#streams.clear();
    this.#messages = 0;
    this.#bytes = 0;
  }
}
