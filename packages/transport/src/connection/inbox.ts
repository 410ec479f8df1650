import { AsyncQueue, Frame, type AsyncQueueOptions, type Receiver } from "@conic/domain";

/** Whose inbox it is. */
export interface InboxOwner {
  /** The inbox is full: nothing more should come. */
  onFull(): void;
  /** At least half of a full inbox is free again. */
  onRoom(): void;
}

export interface InboxLimits {
  readonly maxReceiveQueueFrames: number;
  readonly maxReceiveQueueBytes: number;
}

// Frames may be views into a read of the network (64 KiB). Beyond this many, small ones are copied out of it, so
// that queueing little does not hold much.
const maxSharedFrames = 32;

function ownBytes(frame: Frame): Frame {
  const { bytes } = frame;
  return bytes.byteLength * 2 < bytes.buffer.byteLength
    ? Frame.fromBytes(new Uint8Array(bytes))
    : frame;
}

/** Frames that arrived and wait for the application, with the decision when to stop and to go on reading. */
export class Inbox implements AsyncQueueOptions<Frame> {
  readonly #limits: InboxLimits;
  readonly #owner: InboxOwner;
  // It is the options of its queue too: every connection has one, and closures take more than methods.
  readonly #queue: AsyncQueue<Frame> = new AsyncQueue<Frame>(this);
  #full = false;

  constructor(limits: InboxLimits, owner: InboxOwner) {
    this.#limits = limits;
    this.#owner = owner;
  }

  /** The queue itself refuses nothing: what one read of the network holds must find room once reading stopped. */
  get maxItems(): number {
    return Number.MAX_SAFE_INTEGER;
  }

  sizeOf(frame: Frame): number {
    return frame.byteLength;
  }

  onTake(): void {
    const { maxReceiveQueueFrames, maxReceiveQueueBytes } = this.#limits;
    if (!this.#full) return;
    if (this.#queue.size > maxReceiveQueueFrames / 2) return;
    if (this.#queue.bytes > maxReceiveQueueBytes / 2) return;
    this.#full = false;
    this.#owner.onRoom();
  }

  /** Whether `onFull` was called and `onRoom` was not, since. */
  get full(): boolean {
    return this.#full;
  }

  /** Takes a frame, even when full: the caller was told to stop. */
  put(frame: Frame): void {
    if (this.#queue.hand(frame)) return;
    this.#queue.push(this.#queue.size < maxSharedFrames ? frame : ownBytes(frame));
    if (this.#full) return;
    const { maxReceiveQueueFrames, maxReceiveQueueBytes } = this.#limits;
    const fits = this.#queue.size < maxReceiveQueueFrames;
    if (fits && this.#queue.bytes < maxReceiveQueueBytes) return;
    this.#full = true;
    this.#owner.onFull();
  }

  /** No more frames; those inside can still be read. */
  end(): void {
    this.#queue.end();
  }

  consume(receive: Receiver<Frame>): Promise<void> {
    return this.#queue.consume(receive);
  }

  [Symbol.asyncIterator](): AsyncIterator<Frame> {
    return this.#queue[Symbol.asyncIterator]();
  }
}
