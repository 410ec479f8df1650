import { Random } from "./random.js";

/** Either end: packets and time in. What it emits goes to `Link.send`. */
export interface Endpoint {
  receive(packet: Uint8Array, now: number): void;
  advance(now: number): void;
  nextTimeout(): number | undefined;
}

export type Side = "a" | "b";

/** Of one direction. */
export interface Conditions {
  /** Default 15. */
  readonly delayMs?: number;
  /** Up to so much more, evenly spread: packets overtake each other. Default 0. */
  readonly jitterMs?: number;
  /** Chance that a packet is lost, 0 to 1. Default 0. */
  readonly loss?: number;
  /** Chance that a packet comes twice. Default 0. */
  readonly duplicate?: number;
  /** True drops the packet. */
  readonly drop?: (packet: Uint8Array, now: number) => boolean;
}

export interface LinkOptions {
  readonly seed: number;
  readonly both?: Conditions;
  readonly aToB?: Conditions;
  readonly bToA?: Conditions;
}

interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: (now: number) => void;
}

/** An endpoint that wants to be called again and again at the same instant hangs a real program. */
const maxTurnsPerInstant = 200;

/** Two endpoints, the two paths between them and a clock of their own. */
export class Link {
  readonly random: Random;
  readonly packets: Record<Side, number> = { a: 0, b: 0 };
  readonly lost: Record<Side, number> = { a: 0, b: 0 };
  readonly #endpoints = new Map<Side, Endpoint>();
  readonly #conditions: Record<Side, Conditions>;
  /** By time, then order. */
  readonly #events: Event[] = [];
  #order = 0;
  #now = 0;

  constructor({ seed, both, aToB, bToA }: LinkOptions) {
    this.random = new Random(seed);
    this.#conditions = { a: { ...both, ...aToB }, b: { ...both, ...bToA } };
  }

  get now(): number {
    return this.#now;
  }

  attach(side: Side, endpoint: Endpoint): void {
    this.#endpoints.set(side, endpoint);
  }

  /** From now on. */
  change(side: Side, conditions: Conditions): void {
    this.#conditions[side] = { ...this.#conditions[side], ...conditions };
  }

  /** What the endpoint of `from` emits. Each arrival is a copy: receivers hand out views. */
  send(from: Side, packet: Uint8Array): void {
    const { delayMs = 15, jitterMs = 0, loss = 0, duplicate = 0, drop } = this.#conditions[from];
    this.packets[from] += 1;
    const isLost = this.random.chance(loss);
    const copies = this.random.chance(duplicate) ? 2 : 1;
    if (isLost || drop?.(packet, this.#now) === true) {
      this.lost[from] += 1;
      return;
    }
    const to = from === "a" ? "b" : "a";
    for (let copy = 0; copy < copies; copy += 1) {
      const arrival = packet.slice();
      this.at(this.#now + delayMs + this.random.fraction() * jitterMs, (now) => {
        this.#endpoints.get(to)?.receive(arrival, now);
      });
    }
  }

  at(atMs: number, run: (now: number) => void): void {
    const event = { at: Math.max(atMs, this.#now), order: this.#order, run };
    this.#order += 1;
    let index = this.#events.length;
    while (index > 0 && (this.#events[index - 1]?.at ?? 0) > event.at) index -= 1;
    this.#events.splice(index, 0, event);
  }

  runFor(forMs: number): void {
    const end = this.#now + forMs;
    let turns = 0;
    for (;;) {
      const next = this.#nextAt();
      if (next > end) break;
      turns = next > this.#now ? 0 : turns + 1;
      if (turns > maxTurnsPerInstant) throw new Error(`a busy loop at ${this.#now} ms`);
      this.#now = Math.max(this.#now, next);
      this.#turn();
    }
    this.#now = end;
  }

  #nextAt(): number {
    let next = this.#events[0]?.at ?? Number.POSITIVE_INFINITY;
    for (const endpoint of this.#endpoints.values()) {
      next = Math.min(next, endpoint.nextTimeout() ?? Number.POSITIVE_INFINITY);
    }
    return next;
  }

  #turn(): void {
    while ((this.#events[0]?.at ?? Number.POSITIVE_INFINITY) <= this.#now) {
      this.#events.shift()?.run(this.#now);
    }
    for (const endpoint of this.#endpoints.values()) {
      const timeout = endpoint.nextTimeout();
      if (timeout !== undefined && timeout <= this.#now) endpoint.advance(this.#now);
    }
  }
}
