import { ConicError } from "@conic/domain";
import type { ForwardTsn } from "../wire/chunks/forward-tsn.js";
import type { PacketWriter } from "../wire/packet-writer.js";
import { isAfter } from "../wire/serial.js";
import { writeSack } from "../wire/chunks/sack.js";
import { DataReassembly } from "./data-reassembly.js";
import type { Fragment, Message, Reassembly } from "./fragment.js";
import { InboundStream } from "./inbound-stream.js";
import { InterleavedReassembly } from "./interleaved-reassembly.js";
import { TsnTracker } from "./tsn-tracker.js";

/** RFC 9260 section 6.2 allows 500 ms; a lone packet waits this long for company. */
const sackDelayMs = 20;
/**
 * Announced while nothing is missing, however much is held: what is held are parts of messages, which only their
 * other parts can complete. A message larger than the window would wait for ever without it.
 */
const progressWindowBytes = 131_072;
const minPartialBytes = 8 * 1024 * 1024;

export interface ReceiverOptions {
  readonly initialTsn: number;
  readonly interleaving: boolean;
  readonly maxMessageBytes: number;
  readonly windowBytes: number;
}

/** The receiving half of an association: from chunks to messages in order, and what to acknowledge. */
export class Receiver {
  readonly #options: ReceiverOptions;
  readonly #deliver: (message: Message) => void;
  readonly #tracker: TsnTracker;
  readonly #reassembly: Reassembly;
  readonly #streams = new Map<number, InboundStream>();
  readonly #heldLimit: number;
  #waitingBytes = 0;
  #packetsUnacknowledged = 0;
  #immediate = false;
  #sackAt: number | undefined;

  constructor(options: ReceiverOptions, deliver: (message: Message) => void) {
    const { initialTsn, interleaving, maxMessageBytes, windowBytes } = options;
    this.#options = options;
    this.#deliver = deliver;
    this.#tracker = new TsnTracker(initialTsn);
    this.#reassembly = interleaving
      ? new InterleavedReassembly(maxMessageBytes)
      : new DataReassembly(maxMessageBytes);
    this.#heldLimit = windowBytes + Math.max(2 * maxMessageBytes, minPartialBytes);
  }

  get cumulativeTsn(): number {
    return this.#tracker.cumulative;
  }

  get heldBytes(): number {
    return this.#reassembly.heldBytes + this.#waitingBytes;
  }

  /** When a SACK must be sent at the latest. */
  get sackAt(): number | undefined {
    return this.#sackAt;
  }

  /**
   * @param immediate - RFC 7053: the sender wants to know at once.
   * @throws ConicError `invalid_message`, `too_large` or `buffer_full`: the association cannot go on.
   */
  onFragment(fragment: Fragment, immediate: boolean): void {
    const isFull = this.heldBytes + fragment.data.length > this.#heldLimit;
    if (isFull) {
      throw new ConicError("buffer_full", "the remote leaves too many messages incomplete");
    }
    const arrival = this.#tracker.add(fragment.tsn);
    if (immediate || arrival !== "new" || this.#tracker.hasGaps) this.#immediate = true;
    if (arrival !== "new") return;
    if (fragment.data.length > this.#options.maxMessageBytes) {
      throw new ConicError("too_large", "a message is above the size that was announced");
    }
    const message = this.#reassembly.add(fragment);
    if (message !== undefined) this.#onMessage(message);
  }

  onForwardTsn({ cumulativeTsn, streams }: ForwardTsn): void {
    this.#immediate = true;
    if (!isAfter(cumulativeTsn, this.#tracker.cumulative)) return;
    this.#tracker.advance(cumulativeTsn);
    this.#reassembly.abandonUpTo(cumulativeTsn);
    for (const { streamId, unordered, message } of streams) {
      this.#reassembly.abandonMessages(streamId, unordered, message);
      if (!unordered) this.#skip(streamId, message);
    }
  }

  /** The remote starts these streams anew; all of them when none is named. */
  resetStreams(streamIds: readonly number[]): readonly number[] {
    const ids = streamIds.length === 0 ? [...this.#streams.keys()] : streamIds;
    for (const id of ids) {
      this.#reassembly.resetStream(id);
      this.#waitingBytes -= this.#streams.get(id)?.waitingBytes ?? 0;
      this.#streams.delete(id);
    }
    return ids;
  }

  /** A packet with DATA has been taken in. */
  onDataPacket(): void {
    this.#packetsUnacknowledged += 1;
  }

  /** Whether a SACK has to go out now; when not, but soon, `sackAt` says when. */
  isSackDue(now: number): boolean {
    if (this.#immediate || this.#packetsUnacknowledged >= 2) return true;
    if (this.#packetsUnacknowledged === 0) return false;
    this.#sackAt ??= now + sackDelayMs;
    return now >= this.#sackAt;
  }

  /** Whether a SACK may ride along. */
  get hasNews(): boolean {
    return this.#packetsUnacknowledged > 0 || this.#immediate;
  }

  writeSack(writer: PacketWriter): void {
    writeSack(writer, {
      cumulativeTsn: this.#tracker.cumulative,
      receiveWindow: this.#window(),
      gaps: this.#tracker.hasGaps ? this.#tracker.gapOffsets() : [],
      duplicates: this.#tracker.duplicates,
    });
    this.#tracker.forgetDuplicates();
    this.#packetsUnacknowledged = 0;
    this.#immediate = false;
    this.#sackAt = undefined;
  }

  #window(): number {
    const left = Math.max(0, this.#options.windowBytes - this.heldBytes);
    return this.#tracker.hasGaps ? left : Math.max(left, progressWindowBytes);
  }

  #onMessage(message: Message): void {
    if (message.unordered) {
      this.#deliver(message);
      return;
    }
    const stream = this.#stream(message.streamId);
    const before = stream.waitingBytes;
    if (stream.take(message)) {
      this.#deliver(message);
      this.#deliverFollowing(stream);
    }
    this.#waitingBytes += stream.waitingBytes - before;
  }

  #skip(streamId: number, message: number): void {
    const stream = this.#stream(streamId);
    const before = stream.waitingBytes;
    for (const complete of stream.skipTo(message)) this.#deliver(complete);
    this.#deliverFollowing(stream);
    this.#waitingBytes += stream.waitingBytes - before;
  }

  #deliverFollowing(stream: InboundStream): void {
    let message = stream.following();
    while (message !== undefined) {
      this.#deliver(message);
      message = stream.following();
    }
  }

  #stream(id: number): InboundStream {
    const known = this.#streams.get(id);
    if (known !== undefined) return known;
    const stream = new InboundStream(this.#options.interleaving);
    this.#streams.set(id, stream);
    return stream;
  }
}
