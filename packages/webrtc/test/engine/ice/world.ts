import { FakeClock, seededRandom } from "@conic/internal-testing";
import { IceAgent } from "../../../src/engine/werift/ice/agent/agent.js";
import type { Link } from "../../../src/engine/werift/ice/agent/types.js";
import type { TransportAddress } from "../../../src/engine/werift/ice/stun/address.js";

/** What happens to a datagram on its way: how long it takes in ms, or that it is lost. */
export type Weather = (
  from: TransportAddress,
  to: TransportAddress,
  datagram: Buffer,
) => number | "lost";

export interface Host {
  readonly agent: IceAgent;
  readonly links: readonly Link[];
  readonly got: Buffer[];
  failures: number;
  /** How often a pair was selected. */
  selections: number;
}

/** Randomness that begins with given bytes: an agent draws its tie-breaker first. */
export function randomFrom(seed: number, tieBreaker?: bigint): (bytes: number) => Buffer {
  const random = seededRandom(seed);
  let first = tieBreaker;
  return (bytes) => {
    const drawn = Buffer.from(Array.from({ length: bytes }, () => Math.floor(random() * 256)));
    if (first !== undefined && bytes === 8) {
      drawn.writeBigUInt64BE(first);
      first = undefined;
    }
    return drawn;
  };
}

export interface HostOptions {
  readonly addresses: readonly string[];
  readonly controlling: boolean;
  readonly seed?: number;
  readonly tieBreaker?: bigint;
}

/** A network in memory: agents with links, and a clock that carries the datagrams between them. */
export class World {
  readonly clock: FakeClock = new FakeClock();
  weather: Weather = () => 10;
  sent = 0;
  readonly #links = new Map<string, { readonly link: Link; readonly agent: IceAgent }>();
  #ports = 1000;

  host({ addresses, controlling, seed = 1, tieBreaker }: HostOptions): Host {
    const host: Host = {
      agent: new IceAgent(
        { clock: this.clock, random: randomFrom(seed, tieBreaker), controlling },
        {
          selected: () => {
            host.selections += 1;
          },
          failed: () => {
            host.failures += 1;
          },
          datagram: (datagram) => host.got.push(datagram),
        },
      ),
      links: [],
      got: [],
      failures: 0,
      selections: 0,
    };
    const links = addresses.map((address) => this.#link(address, host.agent));
    for (const [index, link] of links.entries()) host.agent.addLink(link, 65_535 - index);
    host.agent.endOfLinks();
    return Object.assign(host, { links });
  }

  /** A datagram from anywhere, as the network delivers it now. */
  inject(from: TransportAddress, to: TransportAddress, datagram: Buffer): void {
    const target = this.#links.get(key(to));
    target?.agent.receive(target.link, Buffer.from(datagram), from);
  }

  #link(address: string, agent: IceAgent): Link {
    const base = { address, port: (this.#ports += 1) };
    const link: Link = {
      kind: "host",
      base,
      send: (datagram, to) => {
        const bytes = datagram instanceof Uint8Array ? datagram : Buffer.concat(datagram);
        const delay = this.weather(base, to, Buffer.from(bytes));
        this.sent += 1;
        if (delay === "lost") return;
        const copy = Buffer.from(bytes);
        this.clock.schedule(delay, () => {
          this.inject(base, to, copy);
        });
      },
      close: () => Promise.resolve(),
    };
    this.#links.set(key(base), { link, agent });
    return link;
  }
}

function key({ address, port }: TransportAddress): string {
  return `${address} ${port}`;
}

/** What a description tells the other side: credentials, then candidates and their end. */
export function describe(from: Host, to: Host): void {
  to.agent.setRemote(from.agent.local);
  for (const [index, { base }] of from.links.entries()) {
    const priority = 126 * 2 ** 24 + (65_535 - index) * 256 + 255;
    to.agent.addRemoteCandidate({ kind: "host", ...base, priority });
  }
  to.agent.endOfRemoteCandidates();
}

/** The same path from both sides: each one's remote is the other's link. */
export function isMirrored(a: Host, b: Host): boolean {
  const [mine, theirs] = [a.agent.selected, b.agent.selected];
  if (mine === undefined || theirs === undefined) return false;
  return key(mine.link.base) === key(theirs.remote) && key(theirs.link.base) === key(mine.remote);
}
