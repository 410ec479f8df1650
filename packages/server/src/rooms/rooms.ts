import type { ClientId } from "@conic/domain";
import {
  encodeMessage,
  requireOwnId,
  type ClientMessage,
  type RoomName,
  type ServerMessage,
} from "@conic/protocol";
import { inReplyTo, requireHolding } from "../registry/registrar.js";
import type { RoomInfo } from "../inspect/info.js";
import type { Peer } from "../session/peer.js";
import type { RoomLimits } from "./limits.js";
import type { Presence } from "./presence.js";
import { RoomRegistry } from "./registry.js";
import { mayJoin, noPlace, notAllowed, tooManyRooms } from "./rules.js";
import { tellMember, type Teller } from "./tell.js";

export interface RoomsOptions extends Teller {
  readonly limits: RoomLimits;
}

/**
 * Rooms and presence (docs/protocol.md). Whatever happens, happens within one call: the reply and the news of it are
 * handed out before the next message is looked at, so that every member is told the same things in one order.
 */
export class Rooms implements Presence {
  readonly #options: RoomsOptions;
  readonly #registry: RoomRegistry;

  constructor(options: RoomsOptions) {
    this.#options = options;
    this.#registry = new RoomRegistry(options.limits);
  }

  /** Rooms with somebody in them. */
  get size(): number {
    return this.#registry.size;
  }

  /** Names of the rooms that the client is in. */
  of(id: ClientId): readonly string[] {
    return this.#registry.roomsOf(id);
  }

  infos(): Iterable<RoomInfo> {
    return this.#registry.infos();
  }

  /** @throws ConicError `not_registered`, `forbidden`, `rate_limited`. */
  join(message: ClientMessage<"join">, peer: Peer): void {
    const { id } = requireHolding(peer);
    const { ID, Room } = message.body;
    requireOwnId(ID, id);
    if (!mayJoin(peer, Room)) throw notAllowed();
    const joining = this.#registry.join(id, Room);
    if (joining.status === "refused") {
      const { maxRoomsPerClient } = this.#options.limits;
      throw joining.reason === "no_place" ? noPlace() : tooManyRooms(maxRoomsPerClient);
    }
    const { status, others } = joining;
    try {
      peer.reply(inReplyTo(message, { type: "peers", body: { Room, Peers: others } }));
    } catch (error) {
      // Nobody was told that it came, so nobody must be told that it goes.
      if (status === "joined") this.#registry.leave(id, Room);
      throw error;
    }
    if (status === "joined") this.#tell(others, { type: "peer_joined", body: { Room, ID: id } });
  }

  /** Whoever is not in the room is answered the same: the answer tells nothing about the room. */
  leave(message: ClientMessage<"leave">, peer: Peer): void {
    const { id } = requireHolding(peer);
    const { ID, Room } = message.body;
    requireOwnId(ID, id);
    this.#remove(id, Room);
    peer.reply(inReplyTo(message, { type: "leave_response", body: { Room } }));
  }

  /** Nobody holds the id any more, or another holder than before: it is in no room. */
  drop(id: ClientId): void {
    for (const room of this.#registry.roomsOf(id)) this.#remove(id, room);
  }

  /** The grant of a client has changed: it leaves, and is told so, where it may not be any more. */
  review(peer: Peer): void {
    const id = peer.holding?.id;
    if (id === undefined) return;
    for (const Room of this.#registry.roomsOf(id)) {
      if (mayJoin(peer, Room)) continue;
      this.#remove(id, Room);
      peer.reply({ type: "leave_response", body: { Room } });
    }
  }

  /** Everybody leaves without a word: when all connections end, each of them would be told of all others. */
  clear(): void {
    this.#registry.clear();
  }

  #remove(id: ClientId, Room: RoomName): void {
    const others = this.#registry.leave(id, Room);
    if (others === undefined) return;
    this.#tell(others, { type: "peer_left", body: { Room, ID: id } });
  }

  /** One frame for all: it is encoded once. */
  #tell(members: readonly ClientId[], message: ServerMessage): void {
    if (members.length === 0) return;
    const frame = encodeMessage(message);
    for (const member of members) tellMember(this.#options, member, frame);
  }
}
