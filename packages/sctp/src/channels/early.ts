/** A message of a stream that has no channel yet, or whose last channel is not quite closed. */
export interface EarlyMessage {
  readonly ppid: number;
  readonly data: Uint8Array;
}

export interface EarlyLimits {
  readonly maxMessages: number;
  readonly maxBytes: number;
}

/** Messages that came before the OPEN of their stream, within limits over all streams. */
export class EarlyMessages {
  readonly #limits: EarlyLimits;
  readonly #streams = new Map<number, EarlyMessage[]>();
  #messages = 0;
  #bytes = 0;

  constructor(limits: EarlyLimits) {
    this.#limits = limits;
  }

  /** False when there is no room: the message is not held. */
  hold(streamId: number, message: EarlyMessage): boolean {
    const bytes = message.data.length;
    const { maxMessages, maxBytes } = this.#limits;
    if (this.#messages >= maxMessages || this.#bytes + bytes > maxBytes) return false;
    this.#messages += 1;
    this.#bytes += bytes;
    const held = this.#streams.get(streamId);
    if (held === undefined) this.#streams.set(streamId, [message]);
    else held.push(message);
    return true;
  }

  /** What a stream has, in the order it came; the stream has nothing after that. */
  take(streamId: number): readonly EarlyMessage[] {
    const held = this.#streams.get(streamId);
    if (held === undefined) return [];
    this.#streams.delete(streamId);
    this.#messages -= held.length;
    for (const { data } of held) this.#bytes -= data.length;
    return held;
  }

  clear(): void {
    this.#streams.clear();
    this.#messages = 0;
    this.#bytes = 0;
  }
}
