import type { Clock } from "@conic/domain";
import type { TransportAddress } from "../stun/address.js";
import {
  decodeStun,
  encodeStun,
  type ReceivedStunMessage,
  type StunMessage,
} from "../stun/message.js";
import { CheckList } from "../checks/check-list.js";
import { Consent } from "./consent.js";
import { createCredentials } from "./credentials.js";
import { EarlyChecks } from "./early-checks.js";
import type { Pair } from "../checks/pair.js";
import { Sources } from "./sources.js";
import { Transactions, type TransactionRequest } from "../checks/transactions.js";
import type { Credentials, Link, RandomBytes, RemoteCandidate } from "./types.js";

export interface IceAgentOptions {
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly controlling: boolean;
}

export interface IceAgentEvents {
  /** Data goes over this pair from now on. */
  selected(pair: Pair): void;
  /** No path was found, or the remote's consent to use it is gone. */
  failed(): void;
  /** A datagram of the remote that is not STUN. */
  datagram(datagram: Buffer): void;
}

/** How long checks on the path of before a restart are answered still, in ms: as long as consent lasts. */
const retireAfterMs = 30_000;

/**
 * One ICE agent (RFC 8445) for the one component of a bundled connection. A restart begins a new {@link CheckList}
 * beside the one in use, which carries the data on until the new one has a path.
 *
 * Requests are believed only with our password on them and responses only with the remote's (RFC 8445 section 7.3);
 * all else is dropped in silence, so that nobody learns from the port that it is one of ICE. Data is taken only from
 * where an authentic check or answer came from.
 */
export class IceAgent {
  readonly #options: IceAgentOptions;
  readonly #events: IceAgentEvents;
  readonly #transactions: Transactions;
  readonly #tieBreaker: bigint;
  readonly #links = new Map<Link, number>();
  readonly #sources = new Sources();
  readonly #early = new EarlyChecks();
  readonly #consent: Consent;
  /** Newest first: one that is offered or checked, then the one in use, then the one before, which only answers. */
  #lists: CheckList[];
  #selected: Pair | undefined;
  #selectedList: CheckList | undefined;
  #hasConsent = false;
  #wasChecked = false;
  #noMoreLinks = false;
  #cancelRetirement: (() => void) | undefined;
  #closed = false;

  constructor(options: IceAgentOptions, events: IceAgentEvents) {
    this.#options = options;
    this.#events = events;
    this.#transactions = new Transactions(options.clock, options.random);
    this.#tieBreaker = options.random(8).readBigUInt64BE();
    this.#consent = new Consent({
      clock: options.clock,
      random: () => options.random(4).readUInt32BE() / 2 ** 32,
      ask: () => {
        this.#ask(consentWaitsMs, () => undefined);
      },
      expired: () => {
        this.#onConsentExpired();
      },
    });
    this.#lists = [this.#createList(createCredentials(options.random), options.controlling)];
  }

  get tieBreaker(): bigint {
    return this.#tieBreaker;
  }

  get controlling(): boolean {
    return this.#newest.controlling;
  }

  /** The role that the descriptions give to checks that have not begun. */
  assignRole(controlling: boolean): void {
    this.#newest.assignRole(controlling);
  }

  /** To be announced in the next description. */
  get local(): Credentials {
    return this.#newest.local;
  }

  /** Of the remote description in force. */
  get remote(): Credentials | undefined {
    return this.#described.remote;
  }

  /** Announced to the remote, or about to be, and not answered yet. */
  get isOffering(): boolean {
    return this.#newest.remote === undefined;
  }

  get selected(): Pair | undefined {
    return this.#selected;
  }

  get canSend(): boolean {
    return this.#hasConsent;
  }

  /** An authentic check of the remote came. */
  get wasChecked(): boolean {
    return this.#wasChecked;
  }

  /** New credentials are offered or checked; the path in use is that of the credentials before. */
  get isRestarting(): boolean {
    return this.#selectedList !== undefined && this.#selectedList !== this.#newest;
  }

  /** Makes new credentials, for the next description. A restart that did not begin yet stays as it is. */
  restart(): void {
    if (this.#newest.remote === undefined) return;
    this.#begin(createCredentials(this.#options.random), this.#newest.controlling);
  }

  /** The offer with the new credentials is taken back: those before are in force. */
  rollback(): void {
    if (this.#newest.remote !== undefined || this.#lists.length === 1) return;
    this.#lists.shift()?.stop();
  }

  /** What the remote's description says; credentials other than those in force are a restart of the remote. */
  setRemote(remote: Credentials): void {
    const current = this.#newest.remote;
    if (current !== undefined) {
      if (current.ufrag === remote.ufrag && current.password === remote.password) return;
      this.#begin(this.#newest.local, this.#newest.controlling);
    }
    const list = this.#newest;
    list.start(remote);
    const early = this.#early.take(list.local.ufrag, remote.ufrag);
    for (const { link, from, priority, useCandidate } of early)
      list.onCheck(link, from, priority, useCandidate);
  }

  /** False for one candidate too many. */
  addRemoteCandidate(candidate: RemoteCandidate): boolean {
    return this.#described.addRemote(candidate);
  }

  endOfRemoteCandidates(): void {
    this.#described.endOfRemotes();
  }

  addLink(link: Link, localPreference: number): void {
    this.#links.set(link, localPreference);
    for (const list of this.#lists) list.addLink(link, localPreference);
  }

  /** An address that this host has no longer: only the path in use may still leave from it. */
  removeLink(link: Link): void {
    this.#links.delete(link);
    for (const list of this.#lists) if (list !== this.#selectedList) list.removeLink(link);
  }

  /** All links of this gathering are there. */
  endOfLinks(): void {
    this.#noMoreLinks = true;
    for (const list of this.#lists) list.endOfLinks();
    // Nobody can be reached from nowhere, and nobody reaches us.
    if (this.#links.size === 0 && this.#selected === undefined) this.#events.failed();
  }

  /** A request to somebody else than the remote, such as a STUN server. */
  request(request: TransactionRequest): { cancel(): void } {
    return this.#transactions.start(request);
  }

  receive(link: Link, datagram: Buffer, from: TransportAddress): void {
    if (this.#closed) return;
    // RFC 7983.
    if ((datagram[0] ?? 0) < 4) {
      const message = decodeStun(datagram);
      if (message === undefined) return;
      if (message.class === "request") this.#onRequest(link, message, from);
      else if (message.class !== "indication") this.#transactions.receive(link, message, from);
      return;
    }
    const pair = this.#selected;
    const isSelected =
      pair?.link === link && pair.remote.port === from.port && pair.remote.address === from.address;
    if (!isSelected && !this.#sources.has(link, from)) return;
    if (isSelected) {
      pair.packetsReceived += 1;
      pair.bytesReceived += datagram.byteLength;
    }
    this.#events.datagram(datagram);
  }

  /** Dropped without a selected pair or the remote's consent. */
  send(datagram: Uint8Array | readonly Uint8Array[]): void {
    const pair = this.#selected;
    if (pair === undefined || !this.#hasConsent) return;
    pair.link.send(datagram, pair.remote);
    pair.packetsSent += 1;
    if (datagram instanceof Uint8Array) pair.bytesSent += datagram.byteLength;
    else for (const part of datagram) pair.bytesSent += part.byteLength;
  }

  /** Asks the remote for a sign of life on the selected pair; resolves with whether it came in time. */
  probe(timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const asked = this.#ask([timeoutMs], (answered) => {
        resolve(answered);
      });
      if (!asked) resolve(false);
    });
  }

  close(): void {
    this.#closed = true;
    this.#hasConsent = false;
    this.#selected = undefined;
    this.#cancelRetirement?.();
    this.#consent.stop();
    for (const list of this.#lists) list.stop();
    this.#transactions.cancelAll();
  }

  get #newest(): CheckList {
    const [newest] = this.#lists;
    if (newest === undefined) throw new RangeError("an agent has a list at all times");
    return newest;
  }

  /** The list of the remote description in force; a restart that is only offered has none yet. */
  get #described(): CheckList {
    return this.#lists.find(({ remote }) => remote !== undefined) ?? this.#newest;
  }

  #createList(local: Credentials, controlling: boolean): CheckList {
    const { clock } = this.#options;
    const tieBreaker = this.#tieBreaker;
    const list: CheckList = new CheckList(
      { clock, transactions: this.#transactions, tieBreaker, local, controlling },
      {
        valid: (pair) => {
          this.#onValid(list, pair);
        },
        nominated: (pair) => {
          this.#onValid(list, pair);
        },
        exhausted: () => {
          if (list === this.#described && this.#selected === undefined) this.#events.failed();
        },
      },
    );
    for (const [link, preference] of this.#links) list.addLink(link, preference);
    return list;
  }

  /** A new list; of those before, the one in use goes on. */
  #begin(local: Credentials, controlling: boolean): void {
    const current = this.#selectedList ?? this.#described;
    for (const other of this.#lists) if (other !== current) other.stop();
    const list = this.#createList(local, controlling);
    if (this.#noMoreLinks) list.endOfLinks();
    this.#lists = [list, current];
  }

  #onValid(list: CheckList, pair: Pair): void {
    this.#sources.add(pair.link, pair.remote);
    const current = this.#selected;
    const isSameList = list === this.#selectedList;
    if (current === pair && isSameList) return;
    if (current !== undefined && isSameList) {
      if (current.isNominated && !pair.isNominated) return;
      if (!pair.isNominated && list.compare(pair, current) > 0) return;
    } else if (list !== this.#described) return;
    this.#selected = pair;
    this.#selectedList = list;
    this.#hasConsent = true;
    this.#consent.start();
    if (!isSameList) this.#retireOthers(list);
    this.#events.selected(pair);
  }

  /** The lists before answer for as long as the remote may still use their path. */
  #retireOthers(inUse: CheckList): void {
    const retired = this.#lists.slice(this.#lists.indexOf(inUse) + 1);
    for (const list of retired) list.stop();
    this.#cancelRetirement?.();
    if (retired.length === 0) return;
    this.#cancelRetirement = this.#options.clock.schedule(retireAfterMs, () => {
      this.#lists = this.#lists.filter((list) => !retired.includes(list));
    });
  }

  #onRequest(link: Link, message: ReceivedStunMessage, from: TransportAddress): void {
    const [localUfrag, remoteUfrag] = message.username?.split(":") ?? [];
    if (localUfrag === undefined || remoteUfrag === undefined) return;
    const lists = this.#lists.filter(({ local }) => local.ufrag === localUfrag);
    const list = lists.find(({ remote }) => remote?.ufrag === remoteUfrag) ?? lists[0];
    if (list === undefined || !message.isBy(list.local.password)) return;
    this.#wasChecked = true;
    const { transactionId, priority, role, unknown } = message;
    const respond = (response: Omit<StunMessage, "transactionId">): void => {
      link.send(encodeStun({ ...response, transactionId }, list.local.password), from);
    };
    if (unknown !== undefined) {
      respond({ class: "error", errorCode: 420, unknown });
      return;
    }
    // RFC 8445 section 7.1.2 and 7.1.3: both have to be there.
    if (priority === undefined || role === undefined) {
      respond({ class: "error", errorCode: 400 });
      return;
    }
    if (role.controlling === list.controlling && !list.isStopped) {
      // RFC 8445 section 7.3.1.1: the larger one controls.
      const weControl = this.#tieBreaker >= role.tieBreaker;
      if (weControl === list.controlling) {
        respond({ class: "error", errorCode: 487 });
        return;
      }
      list.switchRole();
    }
    respond({ class: "success", mappedAddress: from });
    this.#sources.add(link, from);
    const useCandidate = message.useCandidate === true;
    if (list.remote?.ufrag === remoteUfrag) list.onCheck(link, from, priority, useCandidate);
    else this.#early.hold({ link, from, localUfrag, remoteUfrag, priority, useCandidate });
  }

  #ask(waitsMs: readonly number[], done: (answered: boolean) => void): boolean {
    const pair = this.#selected;
    const list = this.#selectedList;
    if (pair === undefined || list === undefined) return false;
    const asked = list.ask(pair, waitsMs, (outcome) => {
      const answered = outcome !== undefined && outcome.response.errorCode === undefined;
      if (answered && pair === this.#selected && this.#hasConsent) {
        pair.rttMs = outcome.rttMs ?? pair.rttMs;
        this.#consent.answered();
      }
      done(answered);
    });
    return asked !== undefined;
  }

  #onConsentExpired(): void {
    this.#hasConsent = false;
    // A restart that is under way may still find another path.
    if (!this.isRestarting) this.#events.failed();
  }
}

/** An answer that takes longer is of no use: the next request is on its way. */
const consentWaitsMs = [500, 3500] as const;
