import { ConicError, maxClientIdChars, parseClientId } from "@conic/domain";
import {
  encodeMessage,
  maxCorrelationIdChars,
  maxRoomNameChars,
  parseRoomName,
} from "@conic/protocol";

export interface RoomOptions {
  /** Rooms at once. Default 10 000. */
  readonly maxRooms?: number;
  /** Rooms that one client is in. Default 16. */
  readonly maxRoomsPerClient?: number;
  /** Clients in one room. Default 256, or fewer where `peers` would not fit in a frame. */
  readonly maxRoomMembers?: number;
}

export type RoomLimits = Required<RoomOptions>;

function peersBytes(others: number): number {
  const Peers = Array.from({ length: others }, () => parseClientId("x".repeat(maxClientIdChars)));
  const Room = parseRoomName("x".repeat(maxRoomNameChars));
  const id = "\u0000".repeat(maxCorrelationIdChars);
  return encodeMessage({ type: "peers", id, body: { Room, Peers } }).byteLength;
}

/** How many members a room may have so that whoever joins can be told of the others in one frame. */
function membersThatFit(maxFrameBytes: number): number {
  const one = peersBytes(1);
  const each = peersBytes(2) - one;
  return Math.max(1, 2 + Math.floor((maxFrameBytes - one) / each));
}

function wholeNumber(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new ConicError("invalid_argument", `${name} must be a whole number above 0`);
}

/** @throws ConicError `invalid_argument` for what is no limit, or more members than a frame can name. */
export function resolveRoomLimits(options: RoomOptions, maxFrameBytes: number): RoomLimits {
  const fitting = membersThatFit(maxFrameBytes);
  const { maxRooms = 10_000, maxRoomsPerClient = 16 } = options;
  const { maxRoomMembers = Math.min(256, fitting) } = options;
  if (wholeNumber("maxRoomMembers", maxRoomMembers) > fitting) {
    throw new ConicError(
      "invalid_argument",
      `maxRoomMembers must be at most ${fitting}: more do not fit in a frame of ${maxFrameBytes} bytes`,
    );
  }
  return {
    maxRooms: wholeNumber("maxRooms", maxRooms),
    maxRoomsPerClient: wholeNumber("maxRoomsPerClient", maxRoomsPerClient),
    maxRoomMembers,
  };
}
