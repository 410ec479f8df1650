import type { AssociationEvents, AssociationOptions, CongestionController } from "../options.js";
import { StreamReset } from "../control/stream-reset.js";
import { Receiver } from "../receive/receiver.js";
import type { OutboundStream } from "../send/outbound.js";
import type { RttEstimator } from "../send/rtt.js";
import { Sender } from "../send/sender.js";
import type { Init } from "../wire/chunks/init.js";
import { defaults } from "./defaults.js";
import { earliest } from "./earliest.js";

export interface EstablishedOptions {
  readonly options: AssociationOptions;
  readonly events: AssociationEvents;
  readonly remote: Init;
  readonly initialTsn: number;
  readonly basePacketBytes: number;
  readonly rtt: RttEstimator;
  readonly congestion: CongestionController;
  readonly streams: Map<number, OutboundStream>;
  /** The remote wants these of our streams ended. */
  readonly resetStreams: (streamIds: readonly number[]) => void;
}

/** What there is once both sides know each other: both halves of the data transfer, and the reset of streams. */
export class Established {
  readonly remote: Init;
  /** Messages travel as I-DATA (RFC 8260). */
  readonly interleaving: boolean;
  readonly sender: Sender;
  readonly receiver: Receiver;
  readonly reset: StreamReset;

  constructor(established: EstablishedOptions) {
    const { options, remote, initialTsn, streams, events } = established;
    this.remote = remote;
    this.interleaving = (options.interleaving ?? true) && remote.features.interleaving;
    this.sender = new Sender({
      initialTsn,
      remoteWindow: remote.receiveWindow,
      interleaving: this.interleaving,
      partialReliability: remote.features.partialReliability,
      basePacketBytes: established.basePacketBytes,
      congestion: established.congestion,
      rtt: established.rtt,
    });
    for (const stream of streams.values()) this.sender.adopt(stream);
    this.receiver = new Receiver(
      {
        initialTsn: remote.initialTsn,
        interleaving: this.interleaving,
        maxMessageBytes: options.maxMessageBytes ?? defaults.maxMessageBytes,
        windowBytes: options.receiveWindowBytes ?? defaults.receiveWindowBytes,
      },
      ({ streamId, ppid, data }) => {
        events.message(streamId, ppid, data);
      },
    );
    this.reset = this.#newReset(established);
    for (const stream of streams.values()) if (stream.closing) this.reset.close(stream);
  }

  /** Whether nothing is on its way to the remote. */
  get isIdle(): boolean {
    return this.sender.isIdle && this.reset.isIdle;
  }

  get nextTimeout(): number | undefined {
    return earliest(this.sender.nextTimeout, this.receiver.sackAt, this.reset.nextTimeout);
  }

  #newReset({
    remote,
    initialTsn,
    streams,
    events,
    rtt,
    ...rest
  }: EstablishedOptions): StreamReset {
    const { sender, receiver } = this;
    return new StreamReset({
      initialTsn,
      remoteInitialTsn: remote.initialTsn,
      rtt,
      lastTsn: () => sender.lastTsn,
      remoteCumulativeTsn: () => receiver.cumulativeTsn,
      onRemoteReset: (ids) => {
        events.streamsReset(receiver.resetStreams(ids));
      },
      onResetAsked: (ids) => {
        rest.resetStreams(ids.length === 0 ? [...streams.keys()] : ids);
      },
      onConfirmed: (confirmed) => {
        for (const stream of confirmed) streams.delete(stream.id);
        events.streamsClosed(confirmed.map(({ id }) => id));
      },
      isSupported: remote.features.reconfiguration,
      onClosedAlone: (alone) => {
        // Numbers go on, as those of the remote do.
        for (const stream of alone) stream.closing = false;
        events.streamsClosed(alone.map(({ id }) => id));
        events.streamsReset(alone.map(({ id }) => id));
      },
    });
  }
}
