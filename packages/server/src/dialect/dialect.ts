import type { ClientId, Connection, Frame, Hub } from "@conic/domain";
import {
  decodeClientMessage,
  encodeMessage,
  forwardFrame,
  isGoFrame,
  type ClientMessage,
  type Decoded,
  type RelayMessage,
  type ServerMessage,
} from "@conic/protocol";
import { GoDialect } from "./go.js";

/**
 * How one client writes its messages (docs/protocol.md, "The Go dialect"). Messages inside the server, and frames on
 * their way through the hub to wherever their target is, are those of `conic.v1`.
 */
export interface Dialect {
  /** @throws ConicError what the client is to be told. */
  decode(frame: Frame): Decoded<ClientMessage>;
  /** What to send for a message of this server; nothing when the dialect has no words for it. */
  encode(message: ServerMessage): Frame | undefined;
  /**
   * The frame to give to the hub (rule 1).
   * @throws ConicError `forbidden` when the message names another sender.
   */
  forward(decoded: Decoded<RelayMessage>, senderId: ClientId, hub: Hub): Frame;
  /** What the hub is to deliver to, for a client on this connection. */
  outlet(connection: Connection): Connection;
}

/** Nothing to translate: frames go on as they came, and the hub writes to the connection itself. */
const conicV1: Dialect = {
  decode: decodeClientMessage,
  encode: encodeMessage,
  forward: forwardFrame,
  outlet: (connection) => connection,
};

/** The dialect of a connection whose client said it with the subprotocol; undefined when its first frame decides. */
export function negotiatedDialect({ protocol }: Connection): Dialect | undefined {
  return protocol === "conic.v1" ? conicV1 : undefined;
}

/** The dialect of a connection of which nothing is known but, where it has come, its first frame. */
export function dialectOf(first: Frame | undefined): Dialect {
  return first !== undefined && isGoFrame(first) ? new GoDialect() : conicV1;
}
