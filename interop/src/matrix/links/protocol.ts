import type { PeerConnectionOptions } from "@conic/webrtc";

/** What two peers tell each other until they can talk directly. */
export type Signal = Parameters<PeerConnectionOptions["signaling"]["send"]>[0];

/** W3C RTCDataChannelInit, as every implementation takes it. */
export interface ChannelInit {
  readonly ordered?: boolean;
  readonly maxRetransmits?: number;
  readonly maxPacketLifeTime?: number;
  readonly protocol?: string;
  readonly negotiated?: boolean;
  readonly id?: number;
}

export type WireMessage = { readonly text: string } | { readonly base64: string };

/** What a remote peer can be told; `peer` numbers the connections of one process. */
export type Command = { readonly peer: number } & CommandOfPeer;

export type CommandOfPeer =
  | { readonly do: "open" }
  | { readonly do: "signal"; readonly signal: Signal }
  | { readonly do: "offer"; readonly iceRestart: boolean }
  | { readonly do: "createChannel"; readonly label: string; readonly init: ChannelInit }
  | { readonly do: "send"; readonly channel: number; readonly messages: readonly WireMessage[] }
  | { readonly do: "closeChannel"; readonly channel: number }
  | { readonly do: "close" };

/** What a channel says about itself once it is open. A field that an implementation does not show is missing. */
export interface ShownChannel {
  readonly label: string;
  readonly protocol: string;
  readonly ordered?: boolean;
  readonly maxRetransmits?: number | null;
  readonly maxPacketLifeTime?: number | null;
  readonly negotiated?: boolean;
  readonly id: number | null;
}

/** What a remote peer reports. */
export type RemoteEvent = { readonly peer: number } & (
  | { readonly event: "signal"; readonly signal: Signal }
  | { readonly event: "state"; readonly state: string }
  | {
      readonly event: "channel";
      readonly channel: number;
      readonly by: "local" | "remote";
      readonly shown: ShownChannel;
    }
  | { readonly event: "message"; readonly channel: number; readonly message: WireMessage }
  | { readonly event: "closed"; readonly channel: number }
  | { readonly event: "fault"; readonly message: string }
);

/** A way to the peers of one process or page: commands go in, events come out in the order in which they happened. */
export interface RemoteLink extends AsyncDisposable {
  /** @throws Error when the command failed, took too long, or the process is gone. */
  call(command: Command): Promise<unknown>;
  /** Events of one peer, until `undefined` is set. */
  listen(peer: number, listener: ((event: RemoteEvent) => void) | undefined): void;
}
