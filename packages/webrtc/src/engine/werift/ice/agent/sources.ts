import type { TransportAddress } from "../stun/address.js";
import type { Link } from "./types.js";

/** Addresses that are held for each link, at most. */
export const maxSources = 64;

export function keyOf({ address, port }: TransportAddress): string {
  return `${address} ${port}`;
}

/** Where authentic checks and answers came from, and so where data is taken from. */
export class Sources {
  readonly #known = new Map<Link, Set<string>>();

  has(link: Link, from: TransportAddress): boolean {
    return this.#known.get(link)?.has(keyOf(from)) === true;
  }

  /** The one that was not heard for longest makes room. */
  add(link: Link, from: TransportAddress): void {
    const known = this.#known.get(link) ?? new Set();
    this.#known.set(link, known);
    const key = keyOf(from);
    known.delete(key);
    known.add(key);
    const [oldest] = known;
    if (known.size > maxSources && oldest !== undefined) known.delete(oldest);
  }
}
