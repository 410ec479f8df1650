import { AsyncQueue, ConicError, type Clock, type CloseInfo } from "@conic/domain";
import { DataChannel } from "./data-channel.js";
import type { EngineChannel, EngineChannelInit, TransportConnection } from "../engine/port.js";
import type { DataChannelLimits } from "../options.js";
import type { DataChannelStats } from "../stats.js";

export interface ChannelSetOptions {
  readonly limits: DataChannelLimits;
  readonly maxPendingChannels: number;
  readonly clock: Clock;
  readonly fault: (error: ConicError) => void;
}

/** The data channels of one peer connection: they outlive an engine connection that never came up. */
export class ChannelSet {
  readonly #options: ChannelSetOptions;
  readonly #channels = new Set<DataChannel>();
  readonly #incoming: AsyncQueue<DataChannel>;
  #opened = 0;
  #closed = 0;

  constructor(options: ChannelSetOptions) {
    this.#options = options;
    this.#incoming = new AsyncQueue({ maxItems: options.maxPendingChannels });
  }

  /** Channels that the remote opened, each open already. */
  get incoming(): AsyncIterable<DataChannel> {
    return this.#incoming;
  }

  /** Channels that were open at some time. */
  get opened(): number {
    return this.#opened;
  }

  get closed(): number {
    return this.#closed;
  }

  stats(): DataChannelStats[] {
    return Array.from(this.#channels, (channel) => channel.stats());
  }

  /** A channel that this side opens. */
  create(init: EngineChannelInit, engine: TransportConnection): DataChannel {
    const engineChannel = engine.createChannel(init);
    return this.#add(engineChannel);
  }

  /** A channel that the remote opens; it is handed out once it is open. */
  adopt(engineChannel: EngineChannel): void {
    const channel = this.#add(engineChannel);
    channel.opened.then(
      () => {
        if (this.#incoming.push(channel)) return;
        const error = new ConicError(
          "buffer_full",
          "the remote opened more channels than are taken",
        );
        this.#options.fault(error);
        channel.abort(error);
      },
      () => undefined,
    );
  }

  /** Announces the channels that have not opened on a new engine connection. */
  reattach(engine: TransportConnection): void {
    for (const channel of this.#channels) {
      if (channel.readyState !== "connecting") continue;
      channel.attach(engine.createChannel(channel.engineInit));
    }
  }

  /** Sends what they hold and closes them with the remote. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#channels, (channel) => channel.close()));
  }

  /** The connection is over. */
  end(info: CloseInfo): void {
    for (const channel of this.#channels) channel.end(info);
    this.#incoming.end();
  }

  #add(engineChannel: EngineChannel): DataChannel {
    const { limits, clock } = this.#options;
    const channel = new DataChannel(engineChannel.init, limits, clock);
    this.#channels.add(channel);
    channel.opened.then(
      () => {
        this.#opened += 1;
      },
      () => undefined,
    );
    void channel.closed.then(() => {
      this.#closed += 1;
      this.#channels.delete(channel);
    });
    channel.attach(engineChannel);
    return channel;
  }
}
