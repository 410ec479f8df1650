import {
  encodeMessage,
  type HandshakeFragment,
  type HandshakeMessage,
} from "../messages/message.js";

/** Messages that may come before their turn. A flight has five. */
export const maxMessagesAhead = 16;
/** Of all messages that are not complete or not in turn. What says that it is longer is dropped. */
export const maxInboxBytes = 131_072;
/** Of one message: a chain of certificates of any sane length. */
export const maxMessageBytes = 65_536;

interface Partial {
  readonly type: number;
  readonly epoch: number;
  readonly body: Buffer;
  /** 1 for each byte that has arrived. */
  readonly arrived: Uint8Array;
  missingBytes: number;
}

/** Puts fragments together and messages in order (RFC 6347 sections 4.2.2 and 4.2.3). */
export class HandshakeInbox {
  readonly #partials = new Map<number, Partial>();
  #next = 0;
  #heldBytes = 0;

  /** Sequence number of the message whose turn it is. */
  get next(): number {
    return this.#next;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  add(fragment: HandshakeFragment, epoch: number): void {
    const { sequence } = fragment;
    if (sequence < this.#next || sequence >= this.#next + maxMessagesAhead) return;
    const partial = this.#partialFor(fragment, epoch);
    if (partial === undefined) return;
    const { arrived } = partial;
    for (let at = fragment.offset; at < fragment.offset + fragment.body.length; at += 1) {
      if (arrived[at] === 0) {
        arrived[at] = 1;
        partial.missingBytes -= 1;
      }
    }
    fragment.body.copy(partial.body, fragment.offset);
  }

  /** The next message, if it is complete. With `protectedOnly`, what came without protection is forgotten. */
  take(protectedOnly: boolean): HandshakeMessage | undefined {
    const sequence = this.#next;
    const partial = this.#partials.get(sequence);
    if (partial === undefined) return undefined;
    if (protectedOnly && partial.epoch === 0) {
      this.#forget(sequence, partial);
      return undefined;
    }
    if (partial.missingBytes > 0) return undefined;
    this.#forget(sequence, partial);
    this.#next += 1;
    const { type, body } = partial;
    return { type, body, wire: encodeMessage(type, sequence, body) };
  }

  /**
   * Where fragments contradict each other, the last counts: one forged fragment must not make every repetition of
   * the genuine message useless. It never takes the place of one that is protected.
   */
  #partialFor(fragment: HandshakeFragment, epoch: number): Partial | undefined {
    const { sequence, type, messageBytes } = fragment;
    const known = this.#partials.get(sequence);
    if (known !== undefined) {
      const same = known.type === type && known.body.length === messageBytes;
      if (same && known.epoch === epoch) return known;
      if (known.epoch > epoch) return undefined;
      this.#forget(sequence, known);
    }
    if (messageBytes > maxMessageBytes || this.#heldBytes + messageBytes > maxInboxBytes) {
      return undefined;
    }
    const partial: Partial = {
      type,
      epoch,
      body: Buffer.alloc(messageBytes),
      arrived: new Uint8Array(messageBytes),
      missingBytes: messageBytes,
    };
    this.#partials.set(sequence, partial);
    this.#heldBytes += messageBytes;
    return partial;
  }

  #forget(sequence: number, { body }: Partial): void {
    this.#partials.delete(sequence);
    this.#heldBytes -= body.length;
  }
}
