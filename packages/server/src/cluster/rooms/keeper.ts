import type { ClientId, Clock, Frame, NodeId } from "@conic/domain";
import type { Homes } from "@conic/hub";
import { encodeMessage, type RoomName, type ServerMessage } from "@conic/protocol";
import type { RoomInfo } from "../../inspect/info.js";
import type { RoomLimits } from "../../rooms/limits.js";
import { RoomRegistry, type Joining } from "../../rooms/registry.js";

export interface KeeperSetup {
  readonly homes: Homes;
  readonly limits: RoomLimits;
  /** All other nodes, some of whose clients may be in rooms that this one has forgotten. */
  readonly others: readonly NodeId[];
  /** Tells clients of a node. Resolves when they have been, or never will be; undefined when that is now. */
  readonly tell: (node: NodeId, news: News) => Promise<void> | undefined;
  readonly clock: Clock;
}

export interface News {
  readonly room: RoomName;
  readonly ids: readonly ClientId[];
  /** Whether they are in the room no more. */
  readonly isLast: boolean;
  readonly frame: Frame;
}

/** How long a node that has just started waits for what the others know. */
const syncTimeoutMs = 1000;

type Operation = () => Promise<void> | undefined;

/**
 * The rooms that are at home on this node. In each, one thing happens at a time: who joins is answered once all others
 * have been told, so that what it sends then, over whatever node, arrives behind that.
 */
export class RoomKeeper {
  readonly #setup: KeeperSetup;
  readonly #registry: RoomRegistry;
  /** Operations that wait for an earlier one of their room. */
  readonly #waiting = new Map<RoomName, Operation[]>();
  /** By the node of which they are. */
  readonly #clients = new Map<NodeId, Set<ClientId>>();
  /** How often each node was lost: what it asked for before is not done after. */
  readonly #losses = new Map<NodeId, number>();
  /** Nodes that have not said who is in which room; undefined when nobody is waited for any more. */
  #missing: Set<NodeId> | undefined;
  readonly #restored: (readonly [RoomName, ClientId])[] = [];
  readonly #held: (() => void)[] = [];
  #cancelTimer: () => void;

  constructor(setup: KeeperSetup) {
    this.#setup = setup;
    // That of rooms per client is the business of the client's home.
    this.#registry = new RoomRegistry({ ...setup.limits, maxRoomsPerClient: Infinity });
    this.#missing = setup.others.length === 0 ? undefined : new Set(setup.others);
    this.#cancelTimer = () => undefined;
    if (this.#missing === undefined) return;
    this.#cancelTimer = setup.clock.schedule(syncTimeoutMs, () => {
      this.#begin();
    });
  }

  get size(): number {
    return this.#registry.size;
  }

  infos(): Iterable<RoomInfo> {
    return this.#registry.infos();
  }

  /** `answer` is called when all others have been told. Not at all when the node of the client is lost before. */
  join(id: ClientId, room: RoomName, answer: (joining: Joining) => void): void {
    const node = this.#setup.homes.of(id);
    const losses = this.#losses.get(node);
    this.#enqueue(room, () => {
      if (this.#losses.get(node) !== losses) return undefined;
      const joining = this.#registry.join(id, room);
      if (joining.status !== "joined") {
        answer(joining);
        return undefined;
      }
      this.#clientsOf(node).add(id);
      const body = { Room: room, ID: id };
      const told = this.#tell(room, joining.others, { type: "peer_joined", body });
      if (told !== undefined) {
        return told.then(() => {
          answer(joining);
        });
      }
      answer(joining);
      return undefined;
    });
  }

  /** `done` is called before the others are told. */
  leave(id: ClientId, room: RoomName, done: () => void): void {
    this.#enqueue(room, () => {
      const others = this.#registry.leave(id, room);
      done();
      if (others === undefined) return undefined;
      if (this.#registry.roomsOf(id).length === 0) {
        this.#clientsOf(this.#setup.homes.of(id)).delete(id);
      }
      // Nobody waits for that: to each, what comes later comes behind it.
      void this.#tell(room, others, { type: "peer_left", body: { Room: room, ID: id } });
      return undefined;
    });
  }

  /** These clients of a node are in the room, as they know it. They are told who else is. */
  restore(ids: readonly ClientId[], room: RoomName): void {
    if (this.#missing !== undefined) {
      for (const id of ids) this.#restored.push([room, id]);
      return;
    }
    for (const id of ids) {
      this.join(id, room, (joining) => {
        this.#tellRoom(id, room, joining);
      });
    }
  }

  /** This node has said all that it knows. */
  synced(node: NodeId): void {
    this.#missing?.delete(node);
    if (this.#missing?.size === 0) this.#begin();
  }

  /** The node is gone, and its clients with it. */
  lose(node: NodeId): void {
    this.#losses.set(node, (this.#losses.get(node) ?? 0) + 1);
    for (const id of this.#clientsOf(node)) {
      for (const room of this.#registry.roomsOf(id)) this.leave(id, room, () => undefined);
    }
  }

  clear(): void {
    this.#cancelTimer();
    this.#missing = undefined;
    this.#held.length = 0;
    this.#restored.length = 0;
    this.#registry.clear();
    this.#clients.clear();
  }

  /** Everybody has spoken who will: begins with what they know, then does what was asked for meanwhile. */
  #begin(): void {
    if (this.#missing === undefined) return;
    this.#cancelTimer();
    this.#missing = undefined;
    const restored = this.#restored.splice(0);
    const refused = restored.filter(([room, id]) => {
      this.#clientsOf(this.#setup.homes.of(id)).add(id);
      return this.#registry.join(id, room).status === "refused";
    });
    for (const [room, id] of refused)
      this.#tellRoom(id, room, { status: "refused", reason: "no_place" });
    for (const room of new Set(restored.map(([name]) => name))) {
      const members = this.#registry.members(room);
      for (const id of members) {
        const others = members.filter((other) => other !== id);
        this.#tellRoom(id, room, { status: "present", others });
      }
    }
    for (const operation of this.#held.splice(0)) operation();
  }

  #tellRoom(id: ClientId, Room: RoomName, joining: Joining): void {
    const message: ServerMessage =
      joining.status === "refused"
        ? { type: "leave_response", body: { Room } }
        : { type: "peers", body: { Room, Peers: joining.others } };
    void this.#tell(Room, [id], message, joining.status === "refused");
  }

  #clientsOf(node: NodeId): Set<ClientId> {
    const known = this.#clients.get(node);
    if (known !== undefined) return known;
    const made = new Set<ClientId>();
    this.#clients.set(node, made);
    return made;
  }

  #enqueue(room: RoomName, operation: Operation): void {
    if (this.#missing !== undefined) {
      this.#held.push(() => {
        this.#enqueue(room, operation);
      });
      return;
    }
    const waiting = this.#waiting.get(room);
    if (waiting === undefined) this.#run(room, operation);
    else waiting.push(operation);
  }

  #run(room: RoomName, first: Operation): void {
    const waiting: Operation[] = [];
    this.#waiting.set(room, waiting);
    const work = (): void => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const pending = next();
        if (pending === undefined) continue;
        void pending.then(work);
        return;
      }
      this.#waiting.delete(room);
    };
    waiting.push(first);
    work();
  }

  /** Resolves when all have it, or are about to leave; undefined when that is now. */
  #tell(
    room: RoomName,
    members: readonly ClientId[],
    message: ServerMessage,
    isLast = false,
  ): Promise<void> | undefined {
    if (members.length === 0) return undefined;
    const frame = encodeMessage(message);
    const byNode = new Map<NodeId, ClientId[]>();
    for (const id of members) {
      const node = this.#setup.homes.of(id);
      const ids = byNode.get(node);
      if (ids === undefined) byNode.set(node, [id]);
      else ids.push(id);
    }
    const pending: Promise<void>[] = [];
    for (const [node, ids] of byNode) {
      const told = this.#setup.tell(node, { room, ids, isLast, frame });
      if (told !== undefined) pending.push(told);
    }
    return pending.length === 0 ? undefined : Promise.all(pending).then(() => undefined);
  }
}
