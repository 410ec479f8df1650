export { ConicClient } from "./client.js";
export { connect } from "./connect.js";
export type { RoomEvent } from "./rooms/presence.js";
export type { Room, RoomState } from "./rooms/room.js";
export type { RoomCalls } from "./rooms/room-calls.js";
export type { IncomingCall } from "./calls/incoming-call.js";
export type {
  ClientEvents,
  ClientState,
  ConnectOptions,
  PeerOptions,
  RelayedMessage,
} from "./options.js";
export type { TokenFailure, TokenFunction, TokenReason, TokenRequest } from "./token/source.js";
