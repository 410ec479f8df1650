import type { ConicError } from "@conic/domain";
import { Association } from "../../src/association/association.js";
import { DataChannels } from "../../src/channels/data-channels.js";
import type { ChannelRole, SctpChannel } from "../../src/channels/types.js";
import type { AssociationOptions, AssociationState } from "../../src/options.js";
import { Link, type LinkOptions, type Side } from "../link/link.js";

export interface PeerOptions extends Partial<AssociationOptions> {
  readonly maxChannels?: number;
}

/** One end of a link: channels over an association, and what they told. */
export class Peer {
  readonly side: Side;
  readonly channels: DataChannels<Association>;
  readonly incoming: SctpChannel[] = [];
  readonly faults: ConicError[] = [];
  readonly states: AssociationState[] = [];
  error: ConicError | undefined;
  /** Called for each channel that the remote opens. */
  onChannel: (channel: SctpChannel) => void = () => {};

  constructor(link: Link, side: Side, options: PeerOptions) {
    this.side = side;
    const random = link.random.fork();
    const role: ChannelRole = side === "a" ? "client" : "server";
    this.channels = new DataChannels(
      (events) => new Association({ random32: () => random.uint32(), ...options }, events),
      { role, ...(options.maxChannels === undefined ? {} : { maxChannels: options.maxChannels }) },
      {
        packet: (packet) => link.send(side, packet),
        state: (state, error) => {
          this.states.push(state);
          this.error = error;
        },
        channel: (channel) => {
          this.incoming.push(channel);
          this.onChannel(channel);
        },
        fault: (error) => this.faults.push(error),
      },
    );
    link.attach(side, this.channels);
  }

  get association(): Association {
    return this.channels.association;
  }

  get state(): AssociationState {
    return this.association.state;
  }

  get isIdle(): boolean {
    return this.association.stats().flightBytes === 0;
  }
}

export interface PairOptions extends LinkOptions {
  readonly peers?: PeerOptions;
  readonly a?: PeerOptions;
  readonly b?: PeerOptions;
}

export interface Pair {
  readonly link: Link;
  readonly a: Peer;
  readonly b: Peer;
}

export function pair(options: PairOptions): Pair {
  const link = new Link(options);
  return {
    link,
    a: new Peer(link, "a", { ...options.peers, ...options.a }),
    b: new Peer(link, "b", { ...options.peers, ...options.b }),
  };
}

/** Both connect at once, as over DTLS, and are connected when it returns. */
export function connectedPair(options: PairOptions, withinMs: number = 60_000): Pair {
  const made = pair(options);
  const { link, a, b } = made;
  a.channels.connect(link.now);
  b.channels.connect(link.now);
  const connected = (): boolean => a.state === "connected" && b.state === "connected";
  if (!link.run(connected, withinMs)) {
    throw new Error(`not connected after ${link.now} ms: ${a.state} and ${b.state}`);
  }
  return made;
}
