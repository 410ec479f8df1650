import { ConicError } from "@conic/domain";
import type { AssociationEvents, AssociationState } from "../options.js";
import { ChannelTable, exhausted } from "./channel-table.js";
import { Channel, type ChannelOwner } from "./channel.js";
import { encodeAck, encodeOpen, parseDcep } from "./dcep.js";
import { EarlyMessages, earlyReset } from "./early.js";
import { ppids } from "./payload.js";
import { channelSettings, normalPriority } from "./settings.js";
import type {
  ChannelAssociation,
  ChannelInit,
  ChannelRole,
  ChannelSettings,
  DataChannelsEvents,
  DataChannelsOptions,
  SctpChannel,
} from "./types.js";

const defaultMaxChannels = 1024;
const defaultMaxEarlyMessages = 256;
const defaultMaxEarlyBytes = 262_144;

const refused: ChannelSettings = channelSettings({ label: "" });
const controlOptions = { ppid: ppids.dcep } as const;

/**
 * Data channels over one association (RFC 8831, RFC 8832). Sans-I/O: packets and time go in by `receive` and
 * `advance`, packets and events come out, and after a turn's calls the owner calls `flush`.
 */
export class DataChannels<A extends ChannelAssociation = ChannelAssociation> {
  readonly association: A;
  readonly #events: DataChannelsEvents;
  readonly #owner: ChannelOwner;
  readonly #maxChannels: number;
  readonly #early: EarlyMessages;
  readonly #table = new ChannelTable();
  #now = 0;

  /** `association` makes the association that is to tell these events. */
  constructor(
    association: (events: AssociationEvents) => A,
    options: DataChannelsOptions,
    events: DataChannelsEvents,
  ) {
    this.#events = events;
    this.#maxChannels = options.maxChannels ?? defaultMaxChannels;
    this.#early = new EarlyMessages({
      maxMessages: options.maxEarlyMessages ?? defaultMaxEarlyMessages,
      maxBytes: options.maxEarlyBytes ?? defaultMaxEarlyBytes,
    });
    this.association = association(this.#associationEvents());
    this.#owner = {
      association: this.association,
      fault: (error) => events.fault(error),
      bound: (channel) => {
        if (channel.id !== null && channel.state === "open") this.#replay(channel.id);
      },
      closeChannel: (channel, now) => this.#close(channel, now),
    };
    if (options.role !== undefined) this.setRole(options.role, 0);
  }

  /**
   * A new channel; `bind` it. Its state is `open` at once when the association is connected: messages may follow the
   * announcement without waiting for its answer.
   *
   * @throws ConicError `invalid_argument`, `closed`, and `invalid_state` when all stream ids are in use.
   */
  open(init: ChannelInit, now: number): SctpChannel {
    this.#now = now;
    const settings = channelSettings(init);
    const { state } = this.association;
    if (state === "closing" || state === "closed") {
      throw new ConicError("closed", `the association is ${state}; make a new connection`);
    }
    const id = init.negotiatedId ?? this.#table.nextId();
    if (id !== null && this.#table.get(id) !== undefined) {
      throw new ConicError("invalid_argument", `stream ${id} is in use; close its channel first`);
    }
    const channel = new Channel(this.#owner, settings, {
      id,
      by: "local",
      controlBytes: settings.negotiated ? 0 : encodeOpen(settings).length,
    });
    this.#table.add(channel);
    if (state === "connected" && id !== null) this.#announce(channel, id);
    return channel;
  }

  /** Once; what was opened before gets its stream id now. */
  setRole(role: ChannelRole, now: number): void {
    this.#now = now;
    const waiting = this.#table.setRole(role);
    for (const channel of waiting?.left ?? []) channel.finish(exhausted());
    if (this.association.state !== "connected") return;
    for (const channel of waiting?.assigned ?? []) {
      if (channel.id !== null) this.#announce(channel, channel.id);
    }
  }

  connect(now: number): void {
    this.#now = now;
    this.association.connect(now);
  }

  receive(packet: Uint8Array, now: number): void {
    this.#now = now;
    this.association.receive(packet, now);
  }

  flush(now: number): void {
    this.#now = now;
    this.association.flush(now);
  }

  nextTimeout(): number | undefined {
    return this.association.nextTimeout();
  }

  advance(now: number): void {
    this.#now = now;
    this.association.advance(now);
  }

  /** Delivers what was sent, then ends the association and with it every channel. */
  shutdown(now: number): void {
    this.#now = now;
    this.association.shutdown(now);
  }

  abort(now: number, reason?: string): void {
    this.#now = now;
    this.association.abort(now, reason);
  }

  #associationEvents(): AssociationEvents {
    const events = this.#events;
    return {
      packet: (packet) => events.packet(packet),
      state: (state, error) => this.#stateChanged(state, error),
      message: (streamId, ppid, data) => this.#received(streamId, ppid, data),
      streamsReset: (streamIds) => this.#remoteReset(streamIds),
      streamsClosed: (streamIds) => this.#localReset(streamIds),
      drained: (streamId) => this.#table.get(streamId)?.drained(),
      fault: (error) => events.fault(error),
    };
  }

  #stateChanged(state: AssociationState, error: ConicError | undefined): void {
    this.#events.state(state, error);
    if (state === "connected") {
      for (const [id, channel] of this.#table.assigned()) {
        if (channel.state === "connecting") this.#announce(channel, id);
      }
    } else if (state === "closing") {
      for (const [, channel] of this.#table.assigned()) channel.state = "closing";
    } else if (state === "closed") {
      this.#early.clear();
      for (const channel of this.#table.clear()) channel.finish(error);
    }
  }

  #announce(channel: Channel, id: number): void {
    if (!this.#start(channel, id, channel.init.negotiated ? undefined : encodeOpen(channel.init))) {
      return;
    }
    channel.opened();
  }

  /** False when the association would not take the control message: the channel is closed then. */
  #start(channel: Channel, id: number, control: Uint8Array | undefined): boolean {
    try {
      // 0 is what a stack announces that has no priorities.
      this.association.setPriority(id, channel.init.priority || normalPriority);
      if (control !== undefined) this.association.send(id, control, controlOptions, this.#now);
      return true;
    } catch (error) {
      this.#finish(channel, id, ConicError.from(error, "internal"));
      return false;
    }
  }

  #received(id: number, ppid: number, data: Uint8Array): void {
    const channel = this.#table.get(id);
    if (channel === undefined) {
      if (ppid === ppids.dcep) this.#controlWithoutChannel(id, data);
      else this.#hold(id, ppid, data);
    } else if (channel.remoteReset) {
      // The remote has seen both resets and uses the stream again; its confirmation is still on the way.
      this.#hold(id, ppid, data);
    } else if (ppid === ppids.dcep) {
      this.#control(channel, data);
    } else {
      channel.receive(ppid, data);
    }
  }

  #control(channel: Channel, data: Uint8Array): void {
    const message = parseDcep(data);
    if (message.kind === "ack") channel.confirmed();
    else if (message.kind === "open")
      this.#fault("an OPEN on a stream in use was ignored", channel.id);
    else this.#fault(`a control message was ignored: ${message.reason}`, channel.id);
  }

  #controlWithoutChannel(id: number, data: Uint8Array): void {
    const message = parseDcep(data);
    if (message.kind === "open") {
      this.#accept(id, message.settings);
    } else if (message.kind === "ack") {
      this.#fault("an ACK on a stream without a channel was ignored", id);
    } else {
      this.#refuse(id, `a control message was ignored: ${message.reason}`);
    }
  }

  #accept(id: number, settings: ChannelSettings): void {
    if (this.#table.owns(id)) {
      this.#refuse(id, "the remote opened a channel on a stream id of this side");
    } else if (this.#table.remoteCount >= this.#maxChannels) {
      this.#refuse(
        id,
        `the remote has ${this.#table.remoteCount} channels open, which is the limit`,
      );
    } else {
      const control = encodeAck();
      const channel = new Channel(this.#owner, settings, {
        id,
        by: "remote",
        controlBytes: control.length,
      });
      this.#table.add(channel);
      if (!this.#start(channel, id, control)) return;
      channel.opened();
      this.#events.channel(channel);
    }
  }

  /** Resets the stream, as RFC 8832 section 6 asks; the channel never was. */
  #refuse(id: number, message: string): void {
    this.#fault(message, id);
    // A remote that never resets its own direction would make this side remember it for ever.
    if (this.#table.refusedCount >= this.#maxChannels) return;
    if (this.association.state !== "connected") return;
    this.#early.take(id);
    const channel = new Channel(this.#owner, refused, { id, by: "refused", controlBytes: 0 });
    channel.state = "closing";
    channel.resetAsked = true;
    this.#table.add(channel);
    this.association.resetStreams([id], this.#now);
  }

  #hold(id: number, ppid: number, data: Uint8Array): void {
    if (this.#early.hold(id, { ppid, data })) return;
    this.#fault("a message on a stream without a channel was dropped", id);
  }

  #replay(id: number): void {
    for (const event of this.#early.take(id)) {
      if (event === earlyReset) this.#remoteReset([id]);
      else this.#received(id, event.ppid, event.data);
    }
  }

  #close(channel: Channel, now: number): void {
    this.#now = now;
    const { id, state } = channel;
    if (state === "closing" || state === "closed") return;
    if (id === null) {
      this.#table.remove(channel);
      channel.finish(undefined);
    } else if (state === "connecting") {
      this.#finish(channel, id, undefined);
    } else {
      channel.state = "closing";
      channel.resetAsked = true;
      this.association.resetStreams([id], now);
    }
  }

  #remoteReset(streamIds: readonly number[]): void {
    const answer: number[] = [];
    for (const id of streamIds) {
      const channel = this.#table.get(id);
      if (channel === undefined) {
        this.#early.take(id);
        continue;
      }
      if (channel.remoteReset) {
        this.#early.reset(id);
        continue;
      }
      channel.remoteReset = true;
      if (channel.localReset) {
        this.#finish(channel, id, undefined);
      } else if (!channel.resetAsked) {
        channel.state = "closing";
        channel.resetAsked = true;
        answer.push(id);
      }
    }
    if (answer.length > 0) this.association.resetStreams(answer, this.#now);
  }

  #localReset(streamIds: readonly number[]): void {
    for (const id of streamIds) {
      const channel = this.#table.get(id);
      if (channel === undefined || !channel.resetAsked) continue;
      channel.localReset = true;
      if (channel.remoteReset) this.#finish(channel, id, undefined);
    }
  }

  #finish(channel: Channel, id: number, error: ConicError | undefined): void {
    this.#table.remove(channel);
    channel.finish(error);
    this.#replay(id);
  }

  #fault(message: string, id: number | null): void {
    this.#events.fault(
      new ConicError("invalid_message", message, { details: { streamId: id ?? undefined } }),
    );
  }
}
