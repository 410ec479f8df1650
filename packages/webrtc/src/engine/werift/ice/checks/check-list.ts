import type { Clock } from "@conic/domain";
import type { TransportAddress } from "../stun/address.js";
import type { Pair } from "./pair.js";
import { PairTable } from "./pair-table.js";
import { candidatePriority, comparePriorities } from "./priority.js";
import type { Transaction, TransactionOutcome, Transactions } from "./transactions.js";
import type { Credentials, Link, RemoteCandidate } from "../agent/types.js";

export interface CheckListOptions {
  readonly clock: Clock;
  readonly transactions: Transactions;
  readonly tieBreaker: bigint;
  readonly local: Credentials;
  readonly controlling: boolean;
}

export interface CheckListEvents {
  /** The remote answered on this pair: data may be sent on it. */
  valid(pair: Pair): void;
  /** The controlling side chose this pair, and it is valid. */
  nominated(pair: Pair): void;
  /** Nothing is left that could become a path. */
  exhausted(): void;
}

/** Pace of the checks, in ms (Ta of RFC 8445 section 14.2, which asks for 5 at least). */
const paceMs = 20;
/** Sent at 0, 200, 500, 1,000, 2,000 and 3,500 ms, and given up at 5,000. */
const checkWaitsMs = [200, 300, 500, 1000, 1500, 1500] as const;
/** Time for a remote that none of our checks reaches to reach us instead (RFC 8863), in ms. */
const patienceMs = 5000;
/** Two honest sides settle a conflict in one. */
const maxRoleSwitches = 4;
/** A remote that asks for another pair this long, in ms, after it asked for the one in use has changed its mind. */
const changeOfMindMs = 1000;
const minNominationDelayMs = 50;
const maxNominationDelayMs = 500;

/**
 * The checks of one generation of credentials (RFC 8445 sections 6 and 7): an ICE restart makes a new list.
 *
 * Differences from the RFC, which one component and trickled candidates allow: no pair is frozen, and a check that
 * the remote triggers is not paced. The controlling side nominates one pair, once, as section 8.1.1 says; data does
 * not wait for that, as section 12.1 allows.
 */
export class CheckList {
  readonly local: Credentials;
  readonly #options: CheckListOptions;
  readonly #events: CheckListEvents;
  readonly #table = new PairTable();
  #remote: Credentials | undefined;
  #controlling: boolean;
  #nominating: Pair | undefined;
  #nominated: Pair | undefined;
  #firstValidAt: number | undefined;
  #lastCheckAt = -Infinity;
  #cancelPace: (() => void) | undefined;
  #cancelNomination: (() => void) | undefined;
  #cancelPatience: (() => void) | undefined;
  #roleSwitches = 0;
  #noMoreLinks = false;
  #noMoreRemotes = false;
  #stopped = false;

  constructor(options: CheckListOptions, events: CheckListEvents) {
    this.#options = options;
    this.#events = events;
    this.local = options.local;
    this.#controlling = options.controlling;
  }

  get remote(): Credentials | undefined {
    return this.#remote;
  }

  get controlling(): boolean {
    return this.#controlling;
  }

  get isStopped(): boolean {
    return this.#stopped;
  }

  get isRunning(): boolean {
    return this.#remote !== undefined && !this.#stopped;
  }

  /** Highest priority first. */
  compare(a: Pair, b: Pair): number {
    return comparePriorities(this.#prioritiesOf(a), this.#prioritiesOf(b));
  }

  /** The role that the descriptions give; one that checks have settled stays. */
  assignRole(controlling: boolean): void {
    if (!this.isRunning) this.#controlling = controlling;
  }

  start(remote: Credentials): void {
    if (this.#remote !== undefined) return;
    this.#remote = remote;
    this.#cancelPatience = this.#options.clock.schedule(patienceMs, () => {
      this.#cancelPatience = undefined;
      this.#reportIfExhausted();
    });
    this.#pump();
  }

  addLink(link: Link, localPreference: number): void {
    this.#table.addLink(link, localPreference);
    this.#pump();
  }

  removeLink(link: Link): void {
    for (const pair of this.#table.removeLink(link)) {
      pair.check?.cancel();
      this.#onFailed(pair);
    }
  }

  /** False for one candidate too many. */
  addRemote(candidate: RemoteCandidate): boolean {
    const isTaken = this.#table.addRemote(candidate);
    this.#pump();
    return isTaken;
  }

  endOfLinks(): void {
    this.#noMoreLinks = true;
    this.#reportIfExhausted();
  }

  endOfRemotes(): void {
    this.#noMoreRemotes = true;
    this.#reportIfExhausted();
  }

  /** An authentic check of the remote (RFC 8445 section 7.3.1). */
  onCheck(link: Link, from: TransportAddress, priority: number, useCandidate: boolean): void {
    if (!this.isRunning || !this.#table.has(link)) return;
    const pair = this.#table.pairOf(link, from, priority);
    if (pair === undefined) return;
    if (useCandidate && !this.#controlling) pair.askedForAt = this.#options.clock.now();
    switch (pair.state) {
      case "waiting":
      case "failed":
        this.#check(pair);
        return;
      case "checking":
        // Ours may have come to a door that its own has opened now.
        pair.check?.repeat(paceMs);
        return;
      case "valid":
        if (useCandidate && !this.#controlling) this.#nominatedByRemote(pair);
    }
  }

  /** The remote has the same role, and wins (RFC 8445 section 7.3.1.1). */
  switchRole(): void {
    this.#roleSwitches += 1;
    this.#controlling = !this.#controlling;
    this.#cancelNomination?.();
    this.#cancelNomination = undefined;
    // A nomination of before was one of the wrong side.
    this.#nominating = undefined;
    this.#nominated = undefined;
    for (const pair of this.#table.pairs) pair.isNominated = false;
    this.#considerNomination();
    this.#pump();
  }

  /** One request on a pair in use: consent, or a probe. */
  ask(
    pair: Pair,
    waitsMs: readonly number[],
    done: (answered: TransactionOutcome | undefined) => void,
  ): Transaction | undefined {
    return this.#request(pair, this.#controlling && pair.isNominated, waitsMs, done);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelPace?.();
    this.#cancelNomination?.();
    this.#cancelPatience?.();
    for (const pair of this.#table.pairs) pair.check?.cancel();
  }

  #prioritiesOf(pair: Pair): { controlling: number; controlled: number } {
    const { localPriority: local, remote } = pair;
    return this.#controlling
      ? { controlling: local, controlled: remote.priority }
      : { controlling: remote.priority, controlled: local };
  }

  /** Checks the best pair that waits, now or when the pace allows it. */
  #pump(): void {
    if (!this.isRunning || this.#nominated !== undefined || this.#cancelPace !== undefined) return;
    let best: Pair | undefined;
    for (const pair of this.#table.pairs) {
      if (pair.state !== "waiting") continue;
      if (best === undefined || this.compare(pair, best) < 0) best = pair;
    }
    if (best === undefined) return;
    const { clock } = this.#options;
    const waitMs = this.#lastCheckAt + paceMs - clock.now();
    if (waitMs <= 0) this.#check(best);
    this.#cancelPace = clock.schedule(Math.max(waitMs, paceMs), () => {
      this.#cancelPace = undefined;
      this.#pump();
    });
  }

  #request(
    pair: Pair,
    nominate: boolean,
    waitsMs: readonly number[],
    done: (outcome: TransactionOutcome | undefined) => void,
  ): Transaction | undefined {
    const remote = this.#remote;
    if (remote === undefined || this.#stopped) return undefined;
    const controlling = this.#controlling;
    return this.#options.transactions.start({
      link: pair.link,
      to: pair.remote,
      password: remote.password,
      waitsMs,
      message: {
        username: `${remote.ufrag}:${this.local.ufrag}`,
        priority: candidatePriority("prflx", this.#table.localPreference(pair.link)),
        useCandidate: nominate,
        role: { controlling, tieBreaker: this.#options.tieBreaker },
      },
      done: (outcome) => {
        if (this.#stopped) return;
        // RFC 8445 section 7.2.5.1; the role may have changed since the request was sent.
        const conflict = outcome?.response.errorCode === 487;
        if (conflict && controlling === this.#controlling && this.#roleSwitches < maxRoleSwitches)
          this.switchRole();
        done(outcome);
      },
    });
  }

  #check(pair: Pair): void {
    this.#lastCheckAt = this.#options.clock.now();
    pair.state = "checking";
    pair.check = this.#request(pair, false, checkWaitsMs, (outcome) => {
      pair.check = undefined;
      const code = outcome?.response.errorCode;
      if (outcome !== undefined && code === undefined) this.#onValid(pair, outcome);
      else if (code === 487 && this.#roleSwitches < maxRoleSwitches) this.#check(pair);
      else this.#onFailed(pair);
    });
  }

  #onValid(pair: Pair, { rttMs }: TransactionOutcome): void {
    pair.state = "valid";
    pair.rttMs = rttMs ?? pair.rttMs;
    this.#firstValidAt ??= this.#options.clock.now();
    this.#events.valid(pair);
    if (!this.#controlling && pair.askedForAt !== undefined) this.#nominatedByRemote(pair);
    this.#considerNomination();
  }

  #onFailed(pair: Pair): void {
    pair.state = "failed";
    if (this.#nominating === pair) this.#nominating = undefined;
    this.#considerNomination();
    this.#reportIfExhausted();
  }

  /** Nominates the best valid pair as soon as none is better, or those that may be have had their time. */
  #considerNomination(): void {
    if (!this.#controlling || this.#stopped) return;
    if (this.#nominating !== undefined || this.#nominated !== undefined) return;
    const candidates = this.#table.pairs
      .filter(({ state }) => state !== "failed")
      .toSorted((a, b) => this.compare(a, b));
    const best = candidates.find(({ state }) => state === "valid");
    if (best === undefined || this.#firstValidAt === undefined) return;
    const { clock } = this.#options;
    const delayMs = Math.min(
      Math.max(3 * (best.rttMs ?? maxNominationDelayMs), minNominationDelayMs),
      maxNominationDelayMs,
    );
    const waitMs = this.#firstValidAt + delayMs - clock.now();
    if (candidates[0] === best || waitMs <= 0) this.#nominate(best);
    else
      this.#cancelNomination ??= clock.schedule(waitMs, () => {
        this.#cancelNomination = undefined;
        this.#considerNomination();
      });
  }

  #nominate(pair: Pair): void {
    this.#nominating = pair;
    pair.check = this.#request(pair, true, checkWaitsMs, (outcome) => {
      pair.check = undefined;
      const code = outcome?.response.errorCode;
      if (this.#nominating !== pair) return;
      if (outcome === undefined || code !== undefined) {
        if (code !== 487) this.#onFailed(pair);
        return;
      }
      this.#nominating = undefined;
      this.#choose(pair);
    });
  }

  #nominatedByRemote(pair: Pair): void {
    const { clock } = this.#options;
    const current = this.#nominated;
    if (current === pair) return;
    if (current !== undefined && this.compare(pair, current) > 0) {
      // Until then it asks for every pair that it checks, and means the best of them (RFC 5245).
      const since = clock.now() - (current.askedForAt ?? 0);
      if (since < changeOfMindMs) return;
    }
    this.#choose(pair);
  }

  #choose(pair: Pair): void {
    if (this.#nominated !== undefined) this.#nominated.isNominated = false;
    this.#nominated = pair;
    pair.isNominated = true;
    this.#events.nominated(pair);
  }

  #reportIfExhausted(): void {
    if (!this.isRunning || this.#cancelPatience !== undefined) return;
    if (!this.#noMoreLinks || !this.#noMoreRemotes) return;
    if (this.#table.pairs.every(({ state }) => state === "failed")) this.#events.exhausted();
  }
}
