import { ConicError, type Connection, type IceServer } from "@conic/domain";
import type { ClientMessage, ServerMessage } from "@conic/protocol";
import type { Registered } from "./registration.js";

/** What a link to the server tells its client, and wants of it. */
export interface ServerLinkEvents {
  registered(connection: Connection, registered: Registered): void;
  lost(): void;
  /** The registration goes on, with other STUN and TURN servers than before. */
  renewed(iceServers: readonly IceServer[]): void;
  /** Sends a message of the session at once; false when there is no registered connection. */
  send(message: ClientMessage<"register">): boolean;
  message(message: ServerMessage): void;
  /** The server has taken this many messages of the session. */
  acknowledged(received: number): void;
  fault(error: ConicError): void;
  /** The link is over and will not come back. */
  ended(error: ConicError | undefined): void;
}

export const ignoreEvents: ServerLinkEvents = {
  registered: () => undefined,
  lost: () => undefined,
  renewed: () => undefined,
  send: () => false,
  message: () => undefined,
  acknowledged: () => undefined,
  fault: () => undefined,
  ended: () => undefined,
};

/** What a peer wrote into a message may be unreadable: that must not end the link. */
export function deliver(events: ServerLinkEvents, message: ServerMessage): void {
  try {
    events.message(message);
  } catch (error) {
    events.fault(ConicError.from(error, "invalid_message"));
  }
}
