import type { TransportAddress } from "../stun/address.js";
import { keyOf } from "./sources.js";
import type { Link } from "./types.js";

/** A check that came before the description which says whose it is. */
export interface EarlyCheck {
  readonly link: Link;
  readonly from: TransportAddress;
  readonly localUfrag: string;
  readonly remoteUfrag: string;
  readonly priority: number;
  useCandidate: boolean;
}

/** Checks that wait at most. */
export const maxEarlyChecks = 16;

export class EarlyChecks {
  #held: EarlyCheck[] = [];

  hold(check: EarlyCheck): void {
    const same = this.#held.find(
      ({ link, from, remoteUfrag }) =>
        link === check.link &&
        remoteUfrag === check.remoteUfrag &&
        keyOf(from) === keyOf(check.from),
    );
    if (same !== undefined) same.useCandidate ||= check.useCandidate;
    else if (this.#held.length < maxEarlyChecks) this.#held.push(check);
  }

  /** Those of these credentials; the others are of a time that is over. */
  take(localUfrag: string, remoteUfrag: string): EarlyCheck[] {
    const held = this.#held;
    this.#held = [];
    return held.filter(
      (check) => check.localUfrag === localUfrag && check.remoteUfrag === remoteUfrag,
    );
  }
}
