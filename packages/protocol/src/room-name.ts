import { ConicError, isClientId, maxClientIdChars, type Brand } from "@conic/domain";

/** Name of a room: the grammar of ids, 1 to 64 characters of `A-Z a-z 0-9 . _ ~ @ : -`. */
export type RoomName = Brand<string, "RoomName">;

export const maxRoomNameChars: number = maxClientIdChars;

export const roomNameGrammar: string = `a room name is 1 to ${maxRoomNameChars} characters out of A-Z a-z 0-9 . _ ~ @ : -`;

// One grammar for all names that people type, terminals print and tokens hold: `*` stays free for patterns of those.
export function isRoomName(value: unknown): value is RoomName {
  return isClientId(value);
}

/** @throws ConicError `invalid_id` when `value` is not 1 to 64 of the allowed characters. */
export function parseRoomName(value: unknown): RoomName {
  if (isRoomName(value)) return value;
  throw new ConicError("invalid_id", roomNameGrammar);
}
