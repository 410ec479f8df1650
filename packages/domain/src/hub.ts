import type { CloseOptions } from "./close.js";
import type { Client } from "./connection.js";
import type { Frame } from "./frame.js";
import type { ClientId } from "./ids.js";

/** The right to be addressed by an id. Disposing it unregisters; disposing it twice does nothing. */
export interface Registration extends Disposable {
  readonly client: Client;
  /** False once it was disposed or the connection ended. */
  readonly active: boolean;
}

/** What became of one frame to one client. An expected outcome is a value, not an exception. */
export type Delivery =
  | { readonly status: "sent" }
  | { readonly status: "relayed"; readonly node: string }
  | {
      readonly status: "undeliverable";
      readonly reason: "target_not_found" | "slow_consumer" | "closed";
    };

export interface HubStats {
  readonly connectedClients: number;
  /** Frames that were given to the hub to deliver: one per `send`, one per target of the others. */
  readonly messagesIn: number;
  /** Frames that a connection accepted. */
  readonly messagesOut: number;
  /** Frames that no connection accepted. */
  readonly messagesDropped: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly uptimeMs: number;
}

/**
 * Who is connected, and delivery of frames to them. It never looks into a frame.
 *
 * A client is unregistered when its registration is disposed or its connection closes, whichever comes first.
 */
export interface Hub extends AsyncDisposable {
  /**
   * Makes the client addressable, at once.
   * @throws ConicError `id_taken` while another client holds the id, `shutting_down` once `drain` was called,
   * `closed` for a connection that is closed already.
   */
  register(client: Client): Registration;
  /** Delivers to one client; synchronous when the target is on this node. */
  send(to: ClientId, frame: Frame): Delivery | Promise<Delivery>;
  /** Delivers to each of the targets, each once. */
  sendMany(to: Iterable<ClientId>, frame: Frame): Promise<ReadonlyMap<ClientId, Delivery>>;
  /** Delivers to every client but `except`; returns to how many. */
  broadcast(frame: Frame, options?: { readonly except?: ClientId }): Promise<number>;
  get(id: ClientId): Client | undefined;
  clients(): IterableIterator<Client>;
  stats(): HubStats;
  /** Refuses new clients, closes every connection (by default with 1001), resolves when all are closed. */
  drain(options?: CloseOptions): Promise<void>;
}
