import { ConicError } from "@conic/domain";
import type { RoomName } from "@conic/protocol";
import { allowsRoom } from "../access/grant.js";
import type { Peer } from "../session/peer.js";

/** Whether the grant of the client lets it in: the same answer whether the room exists or not. */
export function mayJoin(peer: Peer, room: RoomName): boolean {
  return allowsRoom(peer.access, room);
}

export function notAllowed(): ConicError {
  return new ConicError(
    "forbidden",
    "your token does not allow this room; join one that it names, or ask for another token",
  );
}

/** One text for a room that is full and for a server that is: it does not tell whether the room exists. */
export function noPlace(): ConicError {
  const text = "there is no place in this room now; try again later, or join another";
  return new ConicError("rate_limited", text);
}

export function tooManyRooms(maxRoomsPerClient: number): ConicError {
  const text = `you are in ${maxRoomsPerClient} rooms, and may be in no more; leave one first`;
  return new ConicError("forbidden", text);
}
