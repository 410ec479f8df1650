import { ConicError } from "@conic/domain";
import { isAfter } from "../wire/serial.js";
import {
  checkSize,
  holdingBytes,
  join,
  ownData,
  type Fragment,
  type Message,
  type Reassembly,
} from "./fragment.js";

interface Partial {
  /** By fragment number. */
  readonly parts: Map<number, Uint8Array>;
  bytes: number;
  ppid: number;
  /** Fragment number of the last one, once it is here. */
  last: number | undefined;
}

/** The incomplete messages of one stream, ordered or unordered ones, by message identifier. */
type Partials = Map<number, Partial>;

/** I-DATA: fragments name their message and their place in it (RFC 8260 section 2.1). */
export class InterleavedReassembly implements Reassembly {
  readonly #maxMessageBytes: number;
  readonly #ordered = new Map<number, Partials>();
  readonly #unordered = new Map<number, Partials>();
  #held = 0;

  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes;
  }

  get heldBytes(): number {
    return this.#held;
  }

  add(fragment: Fragment): Message | undefined {
    if (fragment.begin && fragment.end) return fragment;
    const streams = fragment.unordered ? this.#unordered : this.#ordered;
    let partials = streams.get(fragment.streamId);
    if (partials === undefined) streams.set(fragment.streamId, (partials = new Map()));
    let partial = partials.get(fragment.message);
    if (partial === undefined) {
      partials.set(
        fragment.message,
        (partial = { parts: new Map(), bytes: 0, ppid: 0, last: undefined }),
      );
    }
    this.#put(partial, fragment);
    if (partial.last === undefined || partial.parts.size !== partial.last + 1) return undefined;
    partials.delete(fragment.message);
    if (partials.size === 0) streams.delete(fragment.streamId);
    this.#held -= heldBytes(partial);
    return {
      streamId: fragment.streamId,
      unordered: fragment.unordered,
      message: fragment.message,
      ppid: partial.ppid,
      data: inOrder(partial),
    };
  }

  abandonUpTo(): void {
    // I-FORWARD-TSN names the messages.
  }

  abandonMessages(streamId: number, unordered: boolean, message: number): void {
    const partials = (unordered ? this.#unordered : this.#ordered).get(streamId);
    if (partials === undefined) return;
    for (const [id, partial] of partials) {
      if (isAfter(id, message)) continue;
      partials.delete(id);
      this.#held -= heldBytes(partial);
    }
  }

  resetStream(streamId: number): void {
    for (const streams of [this.#ordered, this.#unordered]) {
      for (const partial of streams.get(streamId)?.values() ?? []) this.#held -= heldBytes(partial);
      streams.delete(streamId);
    }
  }

  #put(partial: Partial, fragment: Fragment): void {
    const { begin, end, data } = fragment;
    // The place of the first fragment holds the payload protocol identifier.
    const place = begin ? 0 : fragment.fragmentNumber;
    const isTwice = partial.parts.has(place) || (!begin && place === 0);
    const isBeyond = partial.last !== undefined && (end || place > partial.last);
    if (isTwice || isBeyond) {
      throw new ConicError("invalid_message", "fragments of a message contradict each other");
    }
    partial.parts.set(place, ownData(data));
    partial.bytes += data.length;
    this.#held += data.length + holdingBytes;
    if (begin) partial.ppid = fragment.ppid;
    if (end) partial.last = place;
    checkSize(partial.bytes, this.#maxMessageBytes);
  }
}

function heldBytes({ parts, bytes }: Partial): number {
  return bytes + parts.size * holdingBytes;
}

function inOrder({ parts, bytes, last = 0 }: Partial): Uint8Array {
  const ordered: Uint8Array[] = [];
  for (let place = 0; place <= last; place += 1) {
    const part = parts.get(place);
    if (part !== undefined) ordered.push(part);
  }
  return join(ordered, bytes);
}
