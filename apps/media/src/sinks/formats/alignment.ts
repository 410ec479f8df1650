import type { EncodedChunk } from "@conic/domain";
import type { MediaKind, RecordedChunk } from "./format.js";

/** A chunk on the time axis of the file. */
export interface Aligned {
  readonly kind: MediaKind;
  readonly chunk: EncodedChunk;
}

/** Of chunks that wait for the other kind to begin: two minutes of video, an hour of speech. */
const defaultMaxHeldBytes: number = 16 * 1024 * 1024;

/** How long to wait for the first reports of a sender once all kinds have begun; they come within a second or two. */
const maxReportWaitMs = 3_000;

/** Where the time 0 of one track is, in ms. */
interface Zero {
  /** By arrival: of the chunk that was least late. */
  arrival: number;
  /** By the clock of the sender, once that is known. */
  capture: number | undefined;
}

/**
 * Puts the chunks of several tracks, each on a time axis of its own, on one: by when the sender captured them, which its
 * reports tell (RFC 3550 section 6.4.1), and by their arrival where no report comes. Until every kind has begun and can
 * be placed, chunks are held back, as a file says at its start what it holds.
 */
export class Alignment {
  readonly #kinds: readonly MediaKind[];
  readonly #maxHeldBytes: number;
  readonly #zeros = new Map<MediaKind, Zero>();
  #held: { readonly kind: MediaKind; readonly chunk: RecordedChunk }[] = [];
  #heldBytes = 0;
  /** When the last of the kinds began. */
  #completeAtMs: number | undefined;
  /** Where each track begins in the file, in ms; undefined while chunks are held back. */
  #shifts: Map<MediaKind, number> | undefined;
  /** When the time 0 of the file arrived, or would have. */
  #startMs = 0;

  constructor(kinds: readonly MediaKind[], maxHeldBytes: number = defaultMaxHeldBytes) {
    this.#kinds = kinds;
    this.#maxHeldBytes = maxHeldBytes;
  }

  /** Kinds of which something came. */
  get begun(): ReadonlySet<MediaKind> {
    return new Set(this.#zeros.keys());
  }

  /** Takes one chunk, and gives what can be written now, in order of arrival. */
  take(kind: MediaKind, chunk: RecordedChunk): Aligned[] {
    this.#note(kind, chunk);
    if (this.#shifts !== undefined) return [this.#align(kind, chunk, this.#shifts)];
    this.#held.push({ kind, chunk });
    this.#heldBytes += chunk.data.length;
    return this.#isReady(chunk.receivedAtMs) ? this.flush() : [];
  }

  /** What is held back still. */
  flush(): Aligned[] {
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    const shifts = (this.#shifts ??= this.#place(held));
    return held.map(({ kind, chunk }) => this.#align(kind, chunk, shifts));
  }

  #note(kind: MediaKind, { timestamp, receivedAtMs, captureTimeMs }: RecordedChunk): void {
    const at = timestamp / 1000;
    const arrival = receivedAtMs - at;
    const capture = captureTimeMs === undefined ? undefined : captureTimeMs - at;
    const zero = this.#zeros.get(kind);
    if (zero === undefined) {
      this.#zeros.set(kind, { arrival, capture });
      if (this.#zeros.size === this.#kinds.length) this.#completeAtMs = receivedAtMs;
      return;
    }
    zero.arrival = Math.min(zero.arrival, arrival);
    zero.capture = capture ?? zero.capture;
  }

  #isReady(nowMs: number): boolean {
    if (this.#heldBytes > this.#maxHeldBytes) return true;
    if (this.#completeAtMs === undefined) return false;
    if (this.#kinds.length === 1 || nowMs - this.#completeAtMs >= maxReportWaitMs) return true;
    return [...this.#zeros.values()].every(({ capture }) => capture !== undefined);
  }

  /** Where the tracks begin, the file beginning with the earliest chunk that is held. */
  #place(
    held: readonly { readonly kind: MediaKind; readonly chunk: RecordedChunk }[],
  ): Map<MediaKind, number> {
    const zeros = [...this.#zeros];
    const known = zeros.every(([, { capture }]) => capture !== undefined);
    const shifts = new Map(
      zeros.map(([kind, { arrival, capture }]) => [kind, known ? (capture ?? 0) : arrival]),
    );
    const times = held.map(({ kind, chunk }) => (shifts.get(kind) ?? 0) + chunk.timestamp / 1000);
    const start = times.reduce((least, ms) => Math.min(least, ms), Infinity);
    for (const [kind, zero] of shifts) {
      shifts.set(kind, zero - start);
      this.#startMs = (this.#zeros.get(kind)?.arrival ?? 0) - (zero - start);
    }
    return shifts;
  }

  #align(kind: MediaKind, chunk: RecordedChunk, shifts: Map<MediaKind, number>): Aligned {
    const { type, timestamp, duration, data } = chunk;
    let shift = shifts.get(kind);
    if (shift === undefined) {
      // It begins after the file had to: by its arrival, for that is known of all.
      shift = (this.#zeros.get(kind)?.arrival ?? this.#startMs) - this.#startMs;
      shifts.set(kind, shift);
    }
    const at = Math.round(timestamp + shift * 1000);
    return { kind, chunk: { type, timestamp: at, duration, data } };
  }
}
