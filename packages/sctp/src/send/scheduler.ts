import type { OutboundMessage, OutboundStream } from "./outbound.js";

/** Streams take turns by weight; this is the weight of a normal one. */
const normalPriority = 256;
/**
 * Messages that are sent in part at once hold this many bytes together at most (unless it is one): the remote has
 * to keep all of what it has of them.
 */
const maxInterleavedBytes = 1_048_576;

/** Which message the next chunk is from. */
export class Scheduler {
  readonly #interleaving: boolean;
  readonly #maxFragmentBytes: number;
  readonly #active: OutboundStream[] = [];
  /** The stream whose message has to be finished first. */
  #pinned: OutboundStream | undefined;
  #startedBytes = 0;
  #pass = 0;

  constructor(interleaving: boolean, maxFragmentBytes: number) {
    this.#interleaving = interleaving;
    this.#maxFragmentBytes = maxFragmentBytes;
  }

  get isEmpty(): boolean {
    return this.#active.length === 0;
  }

  /** The stream has a message where it had none. */
  activate(stream: OutboundStream): void {
    // It may not make up for the time in which it had nothing to send.
    stream.pass = Math.max(stream.pass, this.#pass);
    this.#active.push(stream);
  }

  next(): OutboundStream | undefined {
    if (this.#pinned !== undefined) return this.#pinned;
    const [only] = this.#active;
    if (this.#active.length <= 1) return only;
    let best: OutboundStream | undefined;
    for (const stream of this.#active) {
      if (best !== undefined && stream.pass >= best.pass) continue;
      if (this.#mayStart(stream)) best = stream;
    }
    return best;
  }

  /** `bytes` of the stream's first message got a TSN. */
  onSent(message: OutboundMessage, bytes: number): void {
    const { stream } = message;
    const whole = message.data.length;
    const isFirst = message.sentBytes === bytes;
    const isLast = message.sentBytes === whole;
    if (isFirst && !isLast) {
      this.#startedBytes += whole;
      if (!this.#interleaving) this.#pinned = stream;
    }
    this.#pass = stream.pass;
    stream.pass += (bytes * normalPriority) / stream.priority;
    if (isLast) {
      if (!isFirst) this.#finish(message);
      this.remove(stream);
    }
  }

  /** Takes the first message of a stream out. */
  remove(stream: OutboundStream): void {
    stream.shift();
    if (stream.first === undefined) this.deactivate(stream);
  }

  /** The first message of its stream was given up half-way. */
  abandon(message: OutboundMessage): void {
    this.#finish(message);
    this.remove(message.stream);
  }

  deactivate(stream: OutboundStream): void {
    const at = this.#active.indexOf(stream);
    // In order: of streams that have had the same, the one that waits longest is next.
    if (at >= 0) this.#active.splice(at, 1);
  }

  #finish(message: OutboundMessage): void {
    this.#startedBytes -= message.data.length;
    if (this.#pinned === message.stream) this.#pinned = undefined;
  }

  #mayStart(stream: OutboundStream): boolean {
    const message = stream.first;
    if (message === undefined || message.sentBytes > 0 || this.#startedBytes === 0) return true;
    const { length } = message.data;
    return length <= this.#maxFragmentBytes || this.#startedBytes + length <= maxInterleavedBytes;
  }
}
