import type { Clock } from "@conic/domain";
import { Heartbeat, type HeartbeatOptions } from "./heartbeat.js";

/** Someone whose other end is watched. */
export interface Watched {
  /** False while it does not read what arrives. */
  readonly listening: boolean;
  ping(): void;
  /** Nothing came in time. It is no longer watched. */
  onDead(): void;
}

/** The watch over one connection. */
export interface Watch {
  /** Anything arrived. */
  seen(): void;
  stop(): void;
}

/** One object for each connection, since each message of each touches it. */
class Entry extends Heartbeat implements Watch {
  readonly watched: Watched;
  readonly #clock: Clock;
  readonly #remove: (entry: Entry) => void;
  slot = -1;
  stopped = false;

  constructor(
    watched: Watched,
    options: HeartbeatOptions,
    clock: Clock,
    remove: (entry: Entry) => void,
  ) {
    super(options, clock.now());
    this.watched = watched;
    this.#clock = clock;
    this.#remove = remove;
  }

  override seen(): void {
    super.seen(this.#clock.now());
  }

  stop(): void {
    this.#remove(this);
  }
}

/**
 * Heartbeats of many connections on one timer.
 *
 * Connections wait in slots of time; traffic does not move them, they are looked at when their slot comes. So a
 * message costs one time stamp, and a connection one look per interval. A step is late by one slot at most: a
 * fiftieth of the shorter of the two times, or a millisecond.
 */
export class Keepalive {
  readonly #clock: Clock;
  readonly #options: HeartbeatOptions;
  readonly #slotMs: number;
  readonly #slots = new Map<number, Set<Entry>>();
  readonly #onStop = (entry: Entry): void => {
    this.#remove(entry);
  };
  #timer: { readonly slot: number; readonly cancel: () => void } | undefined;

  constructor(clock: Clock, options: HeartbeatOptions) {
    this.#clock = clock;
    this.#options = options;
    const shorterMs = Math.min(options.pingIntervalMs, options.pongTimeoutMs);
    this.#slotMs = Math.max(1, Math.floor(shorterMs / 50));
  }

  watch(watched: Watched): Watch {
    const entry = new Entry(watched, this.#options, this.#clock, this.#onStop);
    this.#place(entry, this.#clock.now() + this.#options.pingIntervalMs);
    return entry;
  }

  #place(entry: Entry, atMs: number): void {
    const slot = Math.ceil(atMs / this.#slotMs);
    entry.slot = slot;
    const entries = this.#slots.get(slot);
    if (entries === undefined) this.#slots.set(slot, new Set([entry]));
    else entries.add(entry);
    if (this.#timer === undefined || slot < this.#timer.slot) this.#schedule(slot);
  }

  #remove(entry: Entry): void {
    // It may be in a slot that is being worked through, which is no longer among the slots.
    entry.stopped = true;
    const entries = this.#slots.get(entry.slot);
    if (entries?.delete(entry) !== true || entries.size > 0) return;
    this.#slots.delete(entry.slot);
    // A timer that is too early is left alone; one that nobody needs would keep the process alive.
    if (this.#slots.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #schedule(slot: number): void {
    this.#timer?.cancel();
    const delayMs = Math.max(0, slot * this.#slotMs - this.#clock.now());
    const cancel = this.#clock.schedule(delayMs, () => {
      this.#timer = undefined;
      this.#run();
    });
    this.#timer = { slot, cancel };
  }

  #run(): void {
    const now = this.#clock.now();
    const due = Array.from(this.#slots.keys()).filter((slot) => slot * this.#slotMs <= now);
    for (const slot of due) {
      const entries = this.#slots.get(slot);
      this.#slots.delete(slot);
      for (const entry of entries ?? []) this.#step(entry);
    }
    if (this.#slots.size > 0) this.#schedule(Math.min(...this.#slots.keys()));
  }

  #step(entry: Entry): void {
    const { watched } = entry;
    if (entry.stopped) return;
    const step = entry.step(this.#clock.now(), watched.listening);
    if (step.action === "dead") {
      watched.onDead();
      return;
    }
    this.#place(entry, step.untilMs);
    if (step.action === "ping") watched.ping();
  }
}
