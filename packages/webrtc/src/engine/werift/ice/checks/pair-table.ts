import type { TransportAddress } from "../stun/address.js";
import { Pair } from "./pair.js";
import { candidatePriority } from "./priority.js";
import type { Link, RemoteCandidate } from "../agent/types.js";

/** A remote has a few dozen; what is above comes from one that wants to exhaust us. */
export const maxRemoteCandidates = 100;
export const maxPeerReflexiveCandidates = 16;
export const maxPairs = 100;

/** The pairs of each local base with each remote candidate that it may reach (RFC 8445 section 6.1.2.2), bounded. */
export class PairTable {
  readonly #links = new Map<Link, number>();
  readonly #remotes: RemoteCandidate[] = [];
  readonly #pairs: Pair[] = [];

  get pairs(): readonly Pair[] {
    return this.#pairs;
  }

  has(link: Link): boolean {
    return this.#links.has(link);
  }

  localPreference(link: Link): number {
    return this.#links.get(link) ?? 0;
  }

  addLink(link: Link, localPreference: number): void {
    this.#links.set(link, localPreference);
    for (const remote of this.#remotes) this.#pair(link, remote);
  }

  /** The pairs that were of this link. */
  removeLink(link: Link): Pair[] {
    this.#links.delete(link);
    return this.#pairs.filter((pair) => pair.link === link);
  }

  /** False for one candidate too many. */
  addRemote(candidate: RemoteCandidate): boolean {
    const known = this.#remotes.find(isAt(candidate));
    // A check overtook the candidate that announces its address.
    if (known?.kind === "prflx") this.#replace(known, candidate);
    if (known !== undefined) return true;
    if (this.#remotes.length >= maxRemoteCandidates) return false;
    this.#remotes.push(candidate);
    for (const link of this.#links.keys()) this.#pair(link, candidate);
    return true;
  }

  /** The pair that a check of the remote came on, made when it is new; undefined when it may not be. */
  pairOf(link: Link, from: TransportAddress, priority: number): Pair | undefined {
    const isFrom = isAt(from);
    const known = this.#pairs.find((pair) => pair.link === link && isFrom(pair.remote));
    if (known !== undefined) return known;
    let remote = this.#remotes.find(isFrom);
    if (remote === undefined) {
      const reflexive = this.#remotes.filter(({ kind }) => kind === "prflx");
      if (reflexive.length >= maxPeerReflexiveCandidates) return undefined;
      remote = { kind: "prflx", address: from.address, port: from.port, priority };
      this.#remotes.push(remote);
    }
    return this.#pair(link, remote);
  }

  #replace(known: RemoteCandidate, by: RemoteCandidate): void {
    this.#remotes[this.#remotes.indexOf(known)] = by;
    for (const pair of this.#pairs) if (pair.remote === known) pair.remote = by;
  }

  #pair(link: Link, remote: RemoteCandidate): Pair | undefined {
    if (!mayReach(link, remote)) return undefined;
    if (this.#pairs.length >= maxPairs && !this.#makeRoom()) return undefined;
    const pair = new Pair(link, candidatePriority(link.kind, this.localPreference(link)), remote);
    this.#pairs.push(pair);
    return pair;
  }

  #makeRoom(): boolean {
    const failed = this.#pairs.findIndex(({ state }) => state === "failed");
    if (failed < 0) return false;
    this.#pairs.splice(failed, 1);
    return true;
  }
}

function isAt({ address, port }: TransportAddress): (other: TransportAddress) => boolean {
  return (other) => other.port === port && other.address === address;
}

/**
 * Same family, and a host address not across loopback: a datagram from there cannot leave, and one to there would
 * arrive at a program of this machine that is not the remote.
 */
function mayReach({ kind, base }: Link, remote: RemoteCandidate): boolean {
  if (base.address.includes(":") !== remote.address.includes(":")) return false;
  return kind === "relay" || isLoopback(base.address) === isLoopback(remote.address);
}

function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1";
}
