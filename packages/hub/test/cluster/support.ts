import { parseClientId, type Backplane, type ClientId, type Clock, type Hub } from "@conic/domain";
import { MemoryBackplanes, type MemoryBackplanesOptions } from "@conic/internal-testing";
import { Channels, createClusterHub, createHub, Homes } from "../../src/index.js";

export interface Node {
  readonly hub: Hub;
  /** Who is at home here. */
  readonly local: Hub;
  readonly backplane: Backplane;
}

/** Hubs of several nodes in one process. */
export class Cluster {
  readonly network: MemoryBackplanes;
  readonly #clock: Clock | undefined;

  constructor(options: MemoryBackplanesOptions, clock?: Clock) {
    this.network = new MemoryBackplanes(options);
    this.#clock = clock;
  }

  join(index: number): Node {
    const backplane = this.network.join(String(index));
    const channels = new Channels(backplane);
    const local = createHub();
    const clock = this.#clock === undefined ? {} : { clock: this.#clock };
    const hub = createClusterHub({ channel: channels.open(1), hub: local, ...clock });
    channels.start();
    return { hub, local, backplane };
  }
}

/** Ids that are at home on this node. */
export function idsAt(index: number, nodes: number, count: number): ClientId[] {
  const names = Array.from({ length: nodes }, (_, i) => String(i));
  const homes = new Homes({ self: String(index), nodes: names });
  const ids: ClientId[] = [];
  for (let i = 0; ids.length < count; i += 1) {
    const id = parseClientId(`client-${i}`);
    if (homes.isHere(id)) ids.push(id);
  }
  return ids;
}

export function idAt(index: number, nodes = 3): ClientId {
  const [id] = idsAt(index, nodes, 1);
  if (id === undefined) throw new Error("no id is at home there");
  return id;
}
