import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { crc32 } from "node:zlib";
import { deferred } from "@conic/domain";
import type { IceServerError, IceServerSource } from "../../../port.js";
import type { RelayServer } from "../../vendor.js";
import type { IceAgent } from "../agent/agent.js";
import { candidatePriority } from "../checks/priority.js";
import type { CandidateKind, Link } from "../agent/types.js";
import { canonicalAddress, type TransportAddress } from "../stun/address.js";
import { openRelayLink } from "./relay.js";
import { ServerErrors } from "./server-errors.js";
import { currentServers, serversOf, type StunServer } from "./servers.js";
import { openUdpLink, type ReceiveDatagram } from "./udp.js";

export interface LocalCandidate extends TransportAddress {
  readonly kind: CandidateKind;
  readonly foundation: string;
  readonly priority: number;
  /** Where it leads to in the end: the base of a reflexive one, our own address of a relayed one. */
  readonly related: TransportAddress | undefined;
}

export interface GathererOptions {
  readonly agent: IceAgent;
  /** The addresses of this host to gather on, asked anew for each gathering. */
  readonly hostAddresses: () => readonly string[];
  readonly iceServers: IceServerSource;
  readonly onCandidate: (candidate: LocalCandidate) => void;
  /** A TURN server gives no relay, or does not let it be used. */
  readonly onServerError?: (error: IceServerError) => void;
}

const hidden: TransportAddress = { address: "0.0.0.0", port: 9 };

/** A STUN request is sent at 0, 500, 1,500 and 3,500 ms and given up at 5,000. */
const stunWaitsMs = [500, 1000, 2000, 1500] as const;

/**
 * Local candidates (RFC 8445 section 5.1): a socket for each address, what STUN servers see of it, and relays. For an
 * ICE restart it gathers again: sockets of addresses that this host has still are used on, new addresses get new ones.
 */
export class Gatherer {
  readonly #options: GathererOptions;
  #servers: ReturnType<typeof serversOf> = { stun: [], turn: [] };
  readonly #hosts = new Map<string, Promise<Link | undefined>>();
  readonly #relays = new Map<RelayServer, Promise<Link | undefined>>();
  readonly #receive: ReceiveDatagram;
  readonly #errors: ServerErrors;
  readonly #stopped = deferred<void>();
  /** Of addresses that are gone, and of credentials that were replaced. */
  #left: Link[] = [];
  #leaving: Promise<unknown> = Promise.resolve();
  #opened = 0;
  #hasGathered = false;
  #running: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: GathererOptions) {
    this.#options = options;
    this.#errors = new ServerErrors((error) => {
      if (!this.#isClosing()) options.onServerError?.(error);
    });
    this.#receive = (link, datagram, from) => {
      options.agent.receive(link, datagram, from);
    };
  }

  get hasGathered(): boolean {
    return this.#hasGathered;
  }

  /** There is, or was, a socket or a relay. */
  get hasLinks(): boolean {
    return this.#opened > 0;
  }

  /** Whether a socket is on an address that this host still has. */
  isCurrent(link: Link): boolean {
    const { address } = link.base;
    return this.#options.hostAddresses().some((own) => (canonicalAddress(own) ?? own) === address);
  }

  get serverErrors(): readonly IceServerError[] {
    return this.#errors.all;
  }

  /** Resolves when all candidates were given out, those of a later call too; never rejects. */
  async gather(): Promise<void> {
    if (this.#isClosing()) return;
    const mine = Promise.race([this.#gather(), this.#stopped.promise]);
    this.#running = mine;
    await mine;
    if (this.#running !== mine) await this.#running;
  }

  /** Ends a gathering that runs, and closes everything. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#stopped.resolve();
    const links = [...this.#hosts.values(), ...this.#relays.values()];
    await Promise.all([this.#leaving, ...links.map(async (link) => (await link)?.close())]);
    await Promise.all(this.#left.map((link) => link.close()));
  }

  async #gather(): Promise<void> {
    const { agent, hostAddresses } = this.#options;
    const reflexive: Promise<void>[] = [];
    const addresses = hostAddresses();
    this.#readServers();
    await this.#leave(addresses);
    const hosts = addresses.map(async (address, index) => {
      const link = await this.#once(this.#hosts, address, () =>
        openUdpLink(address, this.#receive),
      );
      if (link === undefined) return;
      this.#announce("host", link.base, link, 65_535 - index, undefined);
      for (const server of this.#servers.stun) reflexive.push(this.#ask(server, link, index));
    });
    const relays = this.#servers.turn.map(async (server, index) => {
      const link = await this.#once(this.#relays, server, () => this.#openRelay(server));
      if (!this.#servers.turn.includes(server)) return;
      // Our own address behind a relay is nobody's business, and RFC 8839 section 5.1 lets it be hidden.
      if (link !== undefined) this.#announce("relay", link.base, link, 65_535 - index, hidden);
    });
    await Promise.all([...hosts, ...relays]);
    this.#hasGathered = true;
    if (!this.#isClosing()) agent.endOfLinks();
    await Promise.all(reflexive);
  }

  /** Servers that were there before stay the same objects: their relays and errors are known by them. */
  #readServers(): void {
    const known = this.#servers.turn;
    const { stun, turn } = serversOf(currentServers(this.#options.iceServers));
    this.#servers = {
      stun,
      turn: turn.map((server) => known.find((one) => isSame(one, server)) ?? server),
    };
  }

  /**
   * Addresses that this host had at the last gathering and has no longer are no candidates, nor are relays whose
   * credentials were replaced. The path in use may be on one of them until this gathering has found another: it is
   * closed by the first gathering after that.
   */
  async #leave(addresses: readonly string[]): Promise<void> {
    const { agent } = this.#options;
    const inUse = agent.selected?.link;
    const left = this.#left.filter((link) => link !== inUse);
    this.#left = this.#left.filter((link) => link === inUse);
    for (const [address, opening] of this.#hosts) {
      if (addresses.includes(address)) continue;
      this.#hosts.delete(address);
      const link = await opening;
      if (link === undefined) continue;
      agent.removeLink(link);
      this.#left.push(link);
    }
    for (const [server, opening] of this.#relays) {
      if (!this.#servers.turn.includes(server)) this.#leaveRelay(server, opening);
    }
    await Promise.all(left.map((link) => link.close()));
  }

  /** Without waiting for one that its server has not granted yet. */
  #leaveRelay(server: RelayServer, opening: Promise<Link | undefined>): void {
    this.#relays.delete(server);
    this.#errors.forget(server);
    const leaving = opening.then((link) => {
      if (link === undefined) return;
      this.#options.agent.removeLink(link);
      this.#left.push(link);
    });
    this.#leaving = Promise.all([this.#leaving, leaving]);
  }

  #isClosing(): boolean {
    return this.#closing !== undefined;
  }

  /** The link of this key, opened if it is not. One that cannot be had is tried again by the next gathering. */
  async #once<K>(
    links: Map<K, Promise<Link | undefined>>,
    key: K,
    open: () => Promise<Link>,
  ): Promise<Link | undefined> {
    const known = links.get(key);
    // What is opened after the end, nobody would close.
    if (this.#isClosing()) return undefined;
    if (known !== undefined) return known;
    const opening = open().catch(() => undefined);
    links.set(key, opening);
    const link = await opening;
    if (link === undefined) links.delete(key);
    if (link === undefined || this.#isClosing()) return undefined;
    this.#options.agent.addLink(link, 65_535 - this.#opened);
    this.#opened += 1;
    return link;
  }

  #openRelay(server: RelayServer): Promise<Link> {
    const errors = this.#errors;
    const opening = openRelayLink(server, this.#receive, (code) => {
      errors.note(server, code);
    });
    return errors.follow(server, opening);
  }

  async #ask(server: StunServer, link: Link, index: number): Promise<void> {
    const family = link.base.address.includes(":") ? 6 : 4;
    let address: string | undefined;
    try {
      const isLiteral = isIP(server.host) !== 0;
      address = canonicalAddress(
        isLiteral ? server.host : (await lookup(server.host, { family })).address,
      );
    } catch {
      return;
    }
    if (address === undefined || address.includes(":") !== (family === 6)) return;
    if (this.#isClosing()) return;
    const mapped = await this.#query(link, { address, port: server.port });
    const { base } = link;
    if (mapped === undefined) return;
    // No NAT on the way: it is the host candidate once more.
    if (mapped.address === base.address && mapped.port === base.port) return;
    this.#announce("srflx", mapped, link, 65_535 - index, base);
  }

  #query(link: Link, to: TransportAddress): Promise<TransportAddress | undefined> {
    return new Promise((resolve) => {
      this.#options.agent.request({
        link,
        to,
        message: {},
        waitsMs: stunWaitsMs,
        done: (outcome) => {
          resolve(outcome?.response.mappedAddress);
        },
      });
    });
  }

  #announce(
    kind: CandidateKind,
    at: TransportAddress,
    link: Link,
    preference: number,
    related: TransportAddress | undefined,
  ): void {
    const foundation = String(crc32(`${kind} ${link.kind} ${link.base.address}`));
    this.#options.onCandidate({
      kind,
      address: at.address,
      port: at.port,
      foundation,
      priority: candidatePriority(kind, preference),
      related,
    });
  }
}

function isSame(a: RelayServer, b: RelayServer): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
