import { Frame, type ClientId } from "@conic/domain";
import { decodeServerMessage, SendWindow, type ServerMessage } from "@conic/protocol";

export interface MailboxLimits {
  readonly maxResumeMessages: number;
  readonly maxResumeBytes: number;
}

/** What may not have reached the client. */
export interface Undelivered {
  /** Oldest first. */
  readonly frames: readonly Frame[];
  /** Senders of older ones, which were too many to keep. */
  readonly senders: readonly ClientId[];
}

/** Senders of forgotten frames that are remembered: a bound for clients that never acknowledge. */
export const maxForgottenSenders = 4096;

/** A copy, where the frame is a small part of a whole read of the network (64 KiB), which it would hold. */
function compact(frame: Frame): Frame {
  const { bytes } = frame;
  return bytes.byteLength * 2 < bytes.buffer.byteLength
    ? Frame.fromBytes(new Uint8Array(bytes))
    : frame;
}

/** The message that one client sent to another; undefined for what the server says itself. */
export function relayedMessage(
  frame: Frame,
): ServerMessage<"sdp" | "candidate" | "data_channel"> | undefined {
  const { message } = decodeServerMessage(frame);
  return message.type === "sdp" || message.type === "candidate" || message.type === "data_channel"
    ? message
    : undefined;
}

/**
 * The frames to one client of a session. Pure. Two bounds, each of `maxResumeMessages` and `maxResumeBytes`:
 *
 * - what waits for a client that is away: `hold` refuses more;
 * - what was written and not acknowledged: of more than twice that, the oldest are forgotten. A client that reads has
 *   received them long ago. If it turns out that it has not, it cannot resume, and the senders are told.
 */
export class Mailbox {
  readonly #limits: MailboxLimits;
  readonly #window = new SendWindow<Frame>((frame) => frame.byteLength);
  /** How many frames had been written when the client went away; undefined while it is there. */
  #written: number | undefined;
  #waitingBytes = 0;
  /** By sender, the number of the newest frame. */
  readonly #forgotten = new Map<ClientId, number>();

  constructor(limits: MailboxLimits) {
    this.#limits = limits;
  }

  /** Frames since the session began. */
  get count(): number {
    return this.#window.added;
  }

  /** A connection has taken the frame. False: more is unacknowledged, by more senders, than anybody keeps track of. */
  sent(frame: Frame): boolean {
    this.#window.add(compact(frame));
    return this.#forget();
  }

  /** The frame waits. False: there is no room, and it was not taken. */
  hold(frame: Frame): boolean {
    const { maxResumeMessages, maxResumeBytes } = this.#limits;
    this.away();
    const waiting = this.#window.added - (this.#written ?? 0);
    if (waiting >= maxResumeMessages) return false;
    if (this.#waitingBytes + frame.byteLength > maxResumeBytes) return false;
    this.#window.add(compact(frame));
    this.#waitingBytes += frame.byteLength;
    return true;
  }

  /** The connection is gone: what comes now waits. */
  away(): void {
    this.#written ??= this.#window.added;
  }

  /** Whether everything behind `received` is here, and `received` can be true. */
  canResume(received: number): boolean {
    return received <= (this.#written ?? received) && this.#window.canResume(received);
  }

  /** The client is back and has received this many: what it is to be sent, in order. */
  resume(received: number): readonly Frame[] {
    this.acknowledge(received);
    this.#written = undefined;
    this.#waitingBytes = 0;
    const frames = this.#window.items();
    this.#forget();
    return frames;
  }

  /** Returns false for a count that cannot be true. */
  acknowledge(received: number): boolean {
    if (received > (this.#written ?? this.#window.added)) return false;
    this.#window.acknowledge(received);
    for (const [sender, newest] of this.#forgotten) {
      if (newest <= received) this.#forgotten.delete(sender);
    }
    return true;
  }

  /** Takes out what was never written: a client that resumes without counting has certainly not received it. */
  takeWaiting(): readonly Frame[] {
    const waiting = this.#window.added - (this.#written ?? this.#window.added);
    const frames = this.#window.reset();
    const cut = frames.length - waiting;
    for (const frame of frames.slice(0, cut)) this.#window.add(frame);
    return frames.slice(cut);
  }

  /** The end: what may not have been received. */
  end(): Undelivered {
    const senders = [...this.#forgotten.keys()];
    this.#forgotten.clear();
    return { frames: this.#window.reset(), senders };
  }

  #forget(): boolean {
    const { maxResumeMessages, maxResumeBytes } = this.#limits;
    while (
      this.#window.size > 2 * maxResumeMessages ||
      (this.#window.bytes > 2 * maxResumeBytes && this.#window.size > 1)
    ) {
      const frame = this.#window.forget();
      const sender = frame === undefined ? undefined : relayedMessage(frame)?.body.ID;
      if (sender !== undefined) this.#forgotten.set(sender, this.#window.missing);
    }
    return this.#forgotten.size <= maxForgottenSenders;
  }
}
