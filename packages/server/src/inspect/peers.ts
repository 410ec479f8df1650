import type { Registrar } from "../registry/registrar.js";
import type { Presence } from "../rooms/presence.js";
import type { PeerInfo } from "./info.js";

/** One by one: whoever looks for a few of many need not have them all. */
export function* peerInfos(
  registrar: Registrar,
  rooms: Presence,
): Generator<PeerInfo, void, undefined> {
  for (const held of registrar.holders()) {
    const { id, peer, outlet, registeredAt, away } = held;
    const { id: connectionId, remoteAddress } = peer?.connection ?? outlet;
    // Only a client of conic.v1 can be away.
    const dialect = peer?.dialect.name ?? "conic.v1";
    yield { id, connectionId, remoteAddress, registeredAt, rooms: rooms.of(id), away, dialect };
  }
}
