import type { EncodedChunk, ReceivedChunk } from "@conic/domain";
import type { MediaKind } from "./format.js";

/** A chunk on the time axis of the file. */
export interface Aligned {
  readonly kind: MediaKind;
  readonly chunk: EncodedChunk;
}

/** Of chunks that wait for the other kind to begin: two minutes of video, an hour of speech. */
const defaultMaxHeldBytes: number = 16 * 1024 * 1024;

/**
 * Puts the chunks of several tracks, each on a time axis of its own, on one: where each track begins is told by when
 * its first chunk arrived. Until every kind has begun, chunks are held back, as a file says at its start what it holds.
 */
export class Alignment {
  readonly #kinds: readonly MediaKind[];
  readonly #maxHeldBytes: number;
  /** When the time 0 of each kind arrived, or would have, in ms. */
  readonly #zeros = new Map<MediaKind, number>();
  #held: { readonly kind: MediaKind; readonly chunk: ReceivedChunk }[] = [];
  #heldBytes = 0;
  /** When the time 0 of the file was. */
  #startMs: number | undefined;

  constructor(kinds: readonly MediaKind[], maxHeldBytes: number = defaultMaxHeldBytes) {
    this.#kinds = kinds;
    this.#maxHeldBytes = maxHeldBytes;
  }

  /** Kinds of which something came. */
  get begun(): ReadonlySet<MediaKind> {
    return new Set(this.#zeros.keys());
  }

  /** Takes one chunk, and gives what can be written now, in order of arrival. */
  take(kind: MediaKind, chunk: ReceivedChunk): Aligned[] {
    if (!this.#zeros.has(kind)) this.#zeros.set(kind, chunk.receivedAtMs - chunk.timestamp / 1000);
    if (this.#startMs !== undefined) return [this.#align(kind, chunk, this.#startMs)];
    this.#held.push({ kind, chunk });
    this.#heldBytes += chunk.data.length;
    const complete = this.#zeros.size === this.#kinds.length;
    return complete || this.#heldBytes > this.#maxHeldBytes ? this.flush() : [];
  }

  /** What is held back still. */
  flush(): Aligned[] {
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    const arrivals = held.map(({ chunk }) => chunk.receivedAtMs);
    const start = (this.#startMs ??= arrivals.reduce((least, ms) => Math.min(least, ms), Infinity));
    return held.map(({ kind, chunk }) => this.#align(kind, chunk, start));
  }

  #align(kind: MediaKind, chunk: ReceivedChunk, startMs: number): Aligned {
    const { type, timestamp, duration, data } = chunk;
    const shift = ((this.#zeros.get(kind) ?? startMs) - startMs) * 1000;
    return { kind, chunk: { type, timestamp: Math.round(timestamp + shift), duration, data } };
  }
}
