import type { ChannelInit, ShownChannel } from "../links/protocol.js";

export type Message = string | Uint8Array;

/** One end of a channel in a test. All waits end by themselves. */
export interface SideChannel {
  /** What the channel says about itself once it is open. */
  opened(): Promise<ShownChannel>;
  send(...messages: readonly Message[]): Promise<void>;
  /** The next messages. */
  receive(count: number): Promise<readonly Message[]>;
  close(): Promise<void>;
  /** Resolves when this end knows that the channel is closed. */
  closed(): Promise<void>;
}

/** One peer of a connection in a test: ours or that of another implementation, under the same names. */
export interface Side extends AsyncDisposable {
  readonly name: string;
  createChannel(label: string, init?: ChannelInit): Promise<SideChannel>;
  /** The channel with this label that the other side opened. */
  channel(label: string): Promise<SideChannel>;
  /** Starts another round of offer and answer. */
  offer(options?: { readonly iceRestart?: boolean }): Promise<void>;
  close(): Promise<void>;
  /** Resolves when this side knows that the other one closed the connection. */
  ended(): Promise<void>;
}
