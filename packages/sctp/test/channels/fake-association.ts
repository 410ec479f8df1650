import type { ConicError } from "@conic/domain";
import { DataChannels } from "../../src/channels/data-channels.js";
import type {
  ChannelAssociation,
  ChannelEvents,
  DataChannelsOptions,
  SctpChannel,
} from "../../src/channels/types.js";
import type { AssociationEvents, AssociationState, SendOptions } from "../../src/options.js";

export interface Sent {
  readonly streamId: number;
  readonly bytes: readonly number[];
  readonly options: SendOptions;
  readonly now: number;
}

/** Notes what channels ask of their association; the test says what the remote does. */
export class FakeAssociation implements ChannelAssociation {
  state: AssociationState = "new";
  readonly events: AssociationEvents;
  readonly sent: Sent[] = [];
  readonly resets: (readonly number[])[] = [];
  readonly priorities: Map<number, number> = new Map();
  readonly calls: string[] = [];
  readonly buffered: Map<number, number> = new Map();
  refuse: ConicError | undefined;

  constructor(events: AssociationEvents) {
    this.events = events;
  }

  become(state: AssociationState, error?: ConicError): void {
    this.state = state;
    this.events.state(state, error);
  }

  /** A message of the remote. */
  message(streamId: number, ppid: number, data: Uint8Array | readonly number[]): void {
    this.events.message(streamId, ppid, Uint8Array.from(data));
  }

  send(streamId: number, data: Uint8Array, options: SendOptions, now: number): void {
    if (this.refuse !== undefined) throw this.refuse;
    this.sent.push({ streamId, bytes: [...data], options, now });
    this.buffered.set(streamId, this.bufferedAmount(streamId) + data.length);
  }

  bufferedAmount(streamId: number): number {
    return this.buffered.get(streamId) ?? 0;
  }

  isFlushed(streamId: number): boolean {
    return this.bufferedAmount(streamId) === 0;
  }

  resetStreams(streamIds: readonly number[]): void {
    this.resets.push(streamIds);
  }

  setPriority(streamId: number, priority: number): void {
    this.priorities.set(streamId, priority);
  }

  connect(now: number): void {
    this.calls.push(`connect ${now}`);
  }

  receive(packet: Uint8Array, now: number): void {
    this.calls.push(`receive ${packet.length} ${now}`);
  }

  flush(now: number): void {
    this.calls.push(`flush ${now}`);
  }

  nextTimeout(): number | undefined {
    return 77;
  }

  advance(now: number): void {
    this.calls.push(`advance ${now}`);
  }

  shutdown(now: number): void {
    this.calls.push(`shutdown ${now}`);
  }

  abort(now: number, reason?: string): void {
    this.calls.push(`abort ${now} ${reason}`);
  }
}

export interface Rig {
  readonly channels: DataChannels<FakeAssociation>;
  readonly association: FakeAssociation;
  readonly incoming: SctpChannel[];
  readonly faults: ConicError[];
  readonly states: AssociationState[];
  /** What the channels told, as one line each. */
  readonly log: string[];
  readonly listen: (channel: SctpChannel, name: string) => SctpChannel;
  /** Called in `channel`, after listening to it. */
  onChannel: (channel: SctpChannel) => void;
}

export function rig(options: DataChannelsOptions = { role: "client" }): Rig {
  const [incoming, faults, states, log]: [
    SctpChannel[],
    ConicError[],
    AssociationState[],
    string[],
  ] = [[], [], [], []];
  const channels = new DataChannels((events) => new FakeAssociation(events), options, {
    packet: (packet) => log.push(`packet ${packet.length}`),
    state: (state) => states.push(state),
    fault: (error) => faults.push(error),
    channel: (channel) => {
      incoming.push(channel);
      self.listen(channel, channel.init.label);
      self.onChannel(channel);
    },
  });
  const self: Rig = {
    channels,
    association: channels.association,
    incoming,
    faults,
    states,
    log,
    listen: (channel, name) => {
      channel.bind(logged(name, log));
      return channel;
    },
    onChannel: () => {},
  };
  return self;
}

export function connectedRig(options?: DataChannelsOptions): Rig {
  const made = rig(options);
  made.association.become("connected");
  return made;
}

function logged(name: string, log: string[]): ChannelEvents {
  return {
    open: () => log.push(`${name} open`),
    message: (data) => log.push(`${name} ${typeof data === "string" ? data : `[${data.join()}]`}`),
    drained: () => log.push(`${name} drained`),
    closed: (error) => log.push(`${name} closed${error === undefined ? "" : ` ${error.code}`}`),
  };
}

/** A listener to nothing, to be spread under the events that a test is about. */
export const silent: ChannelEvents = {
  open: () => {},
  message: () => {},
  drained: () => {},
  closed: () => {},
};
