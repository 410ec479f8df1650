import { generateClientId, type Backplane, type ClientId, type NodeId } from "@conic/domain";

/** FNV-1a, and the last step of MurmurHash3, without which names that differ in one character lie side by side. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

/**
 * Which node decides about a name: about who holds an id, or who is in a room. Every node comes to the same answer
 * without asking, so that of each name there is one keeper and nothing has to be agreed upon.
 */
export class Homes {
  readonly self: NodeId;
  readonly #nodes: readonly NodeId[];

  constructor({ self, nodes }: Pick<Backplane, "self" | "nodes">) {
    this.self = self;
    this.#nodes = nodes;
  }

  of(name: string): NodeId {
    return this.#nodes[hash(name) % this.#nodes.length] ?? this.self;
  }

  isHere(name: string): boolean {
    return this.of(name) === this.self;
  }

  /** A new id that is at home on this node. One of as many tries as there are nodes is, on average. */
  drawId(): ClientId {
    let id = generateClientId();
    while (!this.isHere(id)) id = generateClientId();
    return id;
  }
}
