import type { ClientId, Connection, Frame, Hub } from "@conic/domain";
import type { ClientMessage, Decoded, RelayMessage, ServerMessage } from "@conic/protocol";

export type DialectName = "conic.v1" | "go";

/**
 * How one client writes its messages (docs/protocol.md, "The Go dialect"). Messages inside the server, and frames on
 * their way through the hub to wherever their target is, are those of `conic.v1`.
 */
export interface Dialect {
  readonly name: DialectName;
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
