import type { ClientId } from "@conic/domain";
import type { ClientMessage } from "@conic/protocol";
import type { RoomInfo } from "../inspect/info.js";
import type { Peer } from "../session/peer.js";

/** Who is in which room, and who is told of it (docs/protocol.md, "Rooms and presence"). */
export interface Presence {
  /** Rooms with somebody in them that this node keeps. */
  readonly size: number;
  /** Names of the rooms that a client of this node is in. */
  of(id: ClientId): readonly string[];
  /** The rooms that this node keeps. */
  infos(): Iterable<RoomInfo>;
  /** @throws ConicError `not_registered`, `forbidden`, `rate_limited`. */
  join(message: ClientMessage<"join">, peer: Peer): void | Promise<void>;
  /** Whoever is not in the room is answered the same: the answer tells nothing about the room. */
  leave(message: ClientMessage<"leave">, peer: Peer): void | Promise<void>;
  /** Nobody holds the id any more, or another holder than before: it is in no room. */
  drop(id: ClientId): void;
  /** The grant of a client has changed: it leaves, and is told so, where it may not be any more. */
  review(peer: Peer): void;
  /** Everybody leaves without a word: when all connections end, each of them would be told of all others. */
  clear(): void;
}
