import { AsyncQueue, Frame, type Receiver } from "@conic/domain";

export interface InboxOptions {
  readonly maxFrames: number;
  readonly maxBytes: number;
  /** Called when the inbox is full: nothing more should come. */
  readonly onFull: () => void;
  /** Called when at least half of a full inbox is free again. */
  readonly onRoom: () => void;
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
export class Inbox {
  readonly #options: InboxOptions;
  readonly #queue: AsyncQueue<Frame>;
  #full = false;

  constructor(options: InboxOptions) {
    this.#options = options;
    // The queue itself refuses nothing: what one read of the network holds must find room once reading stopped.
    this.#queue = new AsyncQueue<Frame>({
      maxItems: Number.MAX_SAFE_INTEGER,
      sizeOf: (frame) => frame.byteLength,
      onTake: () => {
        this.#taken();
      },
    });
  }

  /** Whether `onFull` was called and `onRoom` was not, since. */
  get full(): boolean {
    return this.#full;
  }

  /** Takes a frame, even when full: the caller was told to stop. */
  put(frame: Frame): void {
    if (this.#queue.hand(frame)) return;
    this.#queue.push(this.#queue.size < maxSharedFrames ? frame : ownBytes(frame));
    const { maxFrames, maxBytes } = this.#options;
    if (this.#full || (this.#queue.size < maxFrames && this.#queue.bytes < maxBytes)) return;
    this.#full = true;
    this.#options.onFull();
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

  #taken(): void {
    const { maxFrames, maxBytes } = this.#options;
    if (!this.#full) return;
    if (this.#queue.size > maxFrames / 2 || this.#queue.bytes > maxBytes / 2) return;
    this.#full = false;
    this.#options.onRoom();
  }
}
