export { ConicClient } from "./client.js";
export { connect } from "./connect.js";
export type { IncomingCall } from "./calls/incoming-call.js";
export type {
  ClientEvents,
  ClientState,
  ConnectOptions,
  PeerOptions,
  RelayedMessage,
} from "./options.js";
