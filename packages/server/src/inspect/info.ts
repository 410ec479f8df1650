import type { ClientId } from "@conic/domain";
import type { DialectName } from "../dialect/types.js";

/** A client that holds an id, at one moment. */
export interface PeerInfo {
  readonly id: ClientId;
  /** Name of its connection in the logs; of the last one while it is away. */
  readonly connectionId: string;
  /** IP address, empty where the transport has none; of the last connection while it is away. */
  readonly remoteAddress: string;
  /** Milliseconds since the epoch. A session that goes on keeps this. */
  readonly registeredAt: number;
  /** Rooms that it is in. */
  readonly rooms: readonly string[];
  /** Whether its connection broke off, and its id is kept for it. */
  readonly away: boolean;
  /** How it writes. */
  readonly dialect: DialectName;
}

/** A room with somebody in it, at one moment. */
export interface RoomInfo {
  readonly name: string;
  /** How many are in it. Who they are is in `rooms` of the peers. */
  readonly members: number;
}
