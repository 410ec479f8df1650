import type { ClientId } from "@conic/domain";
import type { RoomName } from "@conic/protocol";
import type { RoomInfo } from "../inspect/info.js";
import type { RoomLimits } from "./limits.js";

export type Joining =
  | {
      readonly status: "joined";
      /** Whom the others must be told of it: all who were there before, in the order in which they came. */
      readonly others: readonly ClientId[];
    }
  | { readonly status: "present"; readonly others: readonly ClientId[] }
  | { readonly status: "refused"; readonly reason: "too_many_rooms" | "no_place" };

/** Who is in which room. A room is there as long as somebody is in it. */
export class RoomRegistry {
  readonly #limits: RoomLimits;
  readonly #members = new Map<RoomName, Set<ClientId>>();
  readonly #rooms = new Map<ClientId, Set<RoomName>>();

  constructor(limits: RoomLimits) {
    this.#limits = limits;
  }

  /** Rooms with somebody in them. */
  get size(): number {
    return this.#members.size;
  }

  roomsOf(id: ClientId): readonly RoomName[] {
    return Array.from(this.#rooms.get(id) ?? []);
  }

  *infos(): Generator<RoomInfo, void, undefined> {
    for (const [name, members] of this.#members) yield { name, members: members.size };
  }

  /** In the order in which they came. */
  members(room: RoomName): readonly ClientId[] {
    return Array.from(this.#members.get(room) ?? []);
  }

  join(id: ClientId, room: RoomName): Joining {
    const members = this.#members.get(room);
    if (members?.has(id) === true) {
      return { status: "present", others: Array.from(members).filter((other) => other !== id) };
    }
    // Decided before the room is looked at: that says nothing about it.
    const rooms = this.#rooms.get(id);
    if ((rooms?.size ?? 0) >= this.#limits.maxRoomsPerClient) {
      return { status: "refused", reason: "too_many_rooms" };
    }
    const isFull =
      members === undefined
        ? this.#members.size >= this.#limits.maxRooms
        : members.size >= this.#limits.maxRoomMembers;
    if (isFull) return { status: "refused", reason: "no_place" };
    const others = Array.from(members ?? []);
    if (members === undefined) this.#members.set(room, new Set([id]));
    else members.add(id);
    if (rooms === undefined) this.#rooms.set(id, new Set([room]));
    else rooms.add(room);
    return { status: "joined", others };
  }

  /** Those who stay, and must be told; undefined when the client was not in it. */
  leave(id: ClientId, room: RoomName): readonly ClientId[] | undefined {
    const members = this.#members.get(room);
    if (members?.delete(id) !== true) return undefined;
    if (members.size === 0) this.#members.delete(room);
    const rooms = this.#rooms.get(id);
    rooms?.delete(room);
    if (rooms?.size === 0) this.#rooms.delete(id);
    return Array.from(members);
  }

  clear(): void {
    this.#members.clear();
    this.#rooms.clear();
  }
}
