import { EventQueue } from "./event-queue.js";
import { Path, type PathConditions } from "./path.js";
import { Random } from "./random.js";

/** Either end: packets and time in. What it emits goes to `Link.send`. */
export interface Endpoint {
  receive(packet: Uint8Array, now: number): void;
  flush(now: number): void;
  advance(now: number): void;
  nextTimeout(): number | undefined;
}

export type Side = "a" | "b";

export interface LinkOptions {
  readonly seed: number;
  readonly startMs?: number;
  /** Conditions of both directions, and what differs from a to b, or from b to a. */
  readonly both?: Partial<PathConditions>;
  readonly aToB?: Partial<PathConditions>;
  readonly bToA?: Partial<PathConditions>;
}

type LinkEvent =
  | { readonly kind: "packet"; readonly to: Side; readonly packet: Uint8Array }
  | { readonly kind: "call"; readonly run: (now: number) => void };

const sides: readonly Side[] = ["a", "b"];
// An endpoint that wants to be called again and again at the same instant hangs a real program.
const maxTurnsPerInstant = 1000;

/** Two endpoints, the two paths between them and a clock of their own: seconds pass as fast as they are computed. */
export class Link {
  readonly random: Random;
  /** By the side that sends. */
  readonly paths: Readonly<Record<Side, Path>>;
  readonly #endpoints: Record<Side, Endpoint | undefined> = { a: undefined, b: undefined };
  readonly #queue = new EventQueue<LinkEvent>();
  #now: number;
  #turns = 0;
  #turnsHere = 0;

  constructor(options: LinkOptions) {
    this.random = new Random(options.seed);
    this.#now = options.startMs ?? 0;
    const path = (own: Partial<PathConditions> | undefined): Path =>
      new Path({ ...options.both, ...own }, this.random.fork());
    this.paths = { a: path(options.aToB), b: path(options.bToA) };
  }

  get now(): number {
    return this.#now;
  }

  /** Turns of either endpoint so far: a measure of work. */
  get turns(): number {
    return this.#turns;
  }

  get packetsUnderWay(): number {
    return this.#queue.size;
  }

  attach(side: Side, endpoint: Endpoint): void {
    this.#endpoints[side] = endpoint;
  }

  /** What the endpoint of `from` emits; copied, for the endpoint writes its next packet over it. */
  send(from: Side, packet: Uint8Array): void {
    const to = other(from);
    for (const arrival of this.paths[from].send(packet.slice(), this.#now)) {
      this.#queue.add(arrival.at, { kind: "packet", to, packet: arrival.packet });
    }
  }

  /** Hands a packet to `to` as if it had come from the network, outside the conditions of a path. */
  inject(to: Side, packet: Uint8Array, atMs: number = this.#now): void {
    this.#queue.add(Math.max(atMs, this.#now), { kind: "packet", to, packet });
  }

  /** `run` is called at that time; both endpoints are flushed after it. */
  at(atMs: number, run: (now: number) => void): void {
    this.#queue.add(Math.max(atMs, this.#now), { kind: "call", run });
  }

  /** Flushes what a test has queued by hand. */
  flush(): void {
    for (const side of sides) this.#endpoints[side]?.flush(this.#now);
  }

  /** Runs until `done`, for at most `forMs`; false when the time ran out, or nothing can happen any more. */
  run(done: () => boolean, forMs: number): boolean {
    const end = this.#now + forMs;
    this.flush();
    while (!done()) {
      const next = this.#nextAt();
      if (next === undefined) return false;
      if (next > end) {
        this.#now = end;
        return false;
      }
      this.#step(next);
    }
    return true;
  }

  runFor(forMs: number): void {
    const end = this.#now + forMs;
    this.run(() => false, forMs);
    this.#now = end;
  }

  #nextAt(): number | undefined {
    let next = this.#queue.nextAt;
    for (const side of sides) {
      const timeout = this.#endpoints[side]?.nextTimeout();
      if (timeout !== undefined && (next === undefined || timeout < next)) next = timeout;
    }
    return next;
  }

  #step(next: number): void {
    if (Number.isNaN(next)) throw new Error("an endpoint wants to be called at NaN");
    if (next > this.#now) {
      this.#now = next;
      this.#turnsHere = 0;
    }
    this.#turns += 1;
    this.#turnsHere += 1;
    if (this.#turnsHere > maxTurnsPerInstant) {
      throw new Error(`more than ${maxTurnsPerInstant} turns at ${this.#now} ms: a busy loop`);
    }
    const touched = this.#deliver();
    for (const side of sides) {
      const endpoint = this.#endpoints[side];
      if (endpoint === undefined) continue;
      const timeout = endpoint.nextTimeout();
      if (timeout !== undefined && timeout <= this.#now) endpoint.advance(this.#now);
      if (touched.has(side)) endpoint.flush(this.#now);
    }
  }

  /** All that is due now, as one turn of an event loop would. */
  #deliver(): ReadonlySet<Side> {
    const touched = new Set<Side>();
    for (;;) {
      const event = this.#queue.take(this.#now);
      if (event === undefined) return touched;
      if (event.kind === "call") {
        event.run(this.#now);
        touched.add("a").add("b");
      } else {
        this.paths[other(event.to)].stats.delivered += 1;
        touched.add(event.to);
        this.#endpoints[event.to]?.receive(event.packet, this.#now);
      }
    }
  }
}

function other(side: Side): Side {
  return side === "a" ? "b" : "a";
}
