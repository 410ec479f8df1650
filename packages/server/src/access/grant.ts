import { ConicError, type ClientId } from "@conic/domain";

/**
 * What a client may do: `call` exchanges descriptions and candidates, `rooms` joins rooms, `relay` sends
 * `data_channel` messages through the server.
 */
export type Permission = "call" | "rooms" | "relay";

export const permissions: readonly Permission[] = ["call", "rooms", "relay"];

/** What a registration is worth. What is left out is not restricted. */
export interface Grant {
  /** The id that the client gets; asking for another is refused with `forbidden`. */
  readonly id?: ClientId;
  readonly may?: readonly Permission[];
  /** Names of rooms that it may join; one that ends in `*` is a prefix. */
  readonly rooms?: readonly string[];
  /** When it ends, in milliseconds since 1970: the connection is closed with `unauthorized`. */
  readonly expiresAt?: number;
}

/** A grant with nothing left out, in the form that is asked for each message. */
export interface Access {
  readonly call: boolean;
  readonly rooms: boolean;
  readonly relay: boolean;
  /** Undefined: every room. */
  readonly roomNames: readonly string[] | undefined;
  /** Milliseconds since 1970; Infinity when it does not end. */
  readonly expiresAt: number;
}

export function resolveGrant({ may = permissions, rooms, expiresAt = Infinity }: Grant): Access {
  return {
    call: may.includes("call"),
    rooms: may.includes("rooms"),
    relay: may.includes("relay"),
    roomNames: rooms,
    expiresAt,
  };
}

export const fullAccess: Access = resolveGrant({});

/** @throws ConicError `forbidden` when the grant is without it. */
export function requirePermission(access: Access, permission: Permission): void {
  if (access[permission]) return;
  throw new ConicError("forbidden", `your token does not allow "${permission}"; ask for another`);
}

/** Whether the grant lets its holder into a room. */
export function allowsRoom(access: Access, room: string): boolean {
  if (!access.rooms) return false;
  const { roomNames } = access;
  if (roomNames === undefined) return true;
  return roomNames.some((name) =>
    name.endsWith("*") ? room.startsWith(name.slice(0, -1)) : room === name,
  );
}
