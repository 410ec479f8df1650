import type { ClientId } from "./ids.js";
import type { Frame } from "./frame.js";
import type { MessageStream } from "./stream.js";

/** A signaling connection: a stream of text frames to one client or server. */
export interface Connection extends MessageStream<Frame> {
  /** Unique in this process; for logs. */
  readonly id: string;
  /** The WebSocket subprotocol that was selected; empty when none was. */
  readonly protocol: string;
  /** IP address of the other end; empty where there is none. */
  readonly remoteAddress: string;
}

/** A registered client: a value, never a second owner of the connection. */
export interface Client {
  readonly id: ClientId;
  readonly connection: Connection;
  /** Milliseconds since the epoch. */
  readonly registeredAt: number;
}
