import { ConicError, deferred, type Deferred } from "@conic/domain";
import type { SctpChannel } from "@conic/sctp";
import type { EngineChannel, EngineChannelEvents, EngineChannelInit } from "../../port.js";

export interface ChannelHost {
  now(): number;
  /** This side closed the connection. */
  isStopped(): boolean;
  /** Something was queued: it goes out at the end of this turn. */
  wake(): void;
  /** Tell `acknowledged` after every packet of the remote. */
  watch(channel: AssociationChannel): void;
  discard(streamId: number): void;
  /** From the remote description; 0 means no limit. */
  remoteMaxMessageBytes(): number;
}

// Without a limit of the remote's, one that keeps a message in one piece of memory on both sides.
const largestMessageBytes = 1_073_741_824;

/** A data channel of our own association as the engine port has it. */
export class AssociationChannel implements EngineChannel {
  readonly init: EngineChannelInit;
  readonly #channel: SctpChannel;
  readonly #host: ChannelHost;
  readonly #flushes: Deferred<void>[] = [];

  constructor(channel: SctpChannel, init: EngineChannelInit, host: ChannelHost) {
    this.#channel = channel;
    this.init = init;
    this.#host = host;
  }

  get id(): number | null {
    return this.#channel.state === "connecting" ? null : this.#channel.id;
  }

  get maxMessageBytes(): number {
    const remote = this.#host.remoteMaxMessageBytes();
    return remote === 0 ? largestMessageBytes : Math.min(remote, largestMessageBytes);
  }

  get bufferedAmount(): number {
    return this.#channel.bufferedAmount;
  }

  bind(events: EngineChannelEvents): void {
    this.#channel.bind({
      open: () => {
        events.open();
      },
      message: (data) => {
        events.message(data);
      },
      drained: () => {
        events.drained();
        this.acknowledged();
      },
      closed: () => {
        this.acknowledged();
        // Whoever closes the connection knows: its channels may go on with another one.
        if (!this.#host.isStopped()) events.closed();
      },
    });
  }

  send(data: string | Uint8Array): void {
    if (this.#channel.state !== "open") {
      throw new ConicError("closed", "the data channel is closed");
    }
    this.#channel.send(data, this.#host.now());
    this.#host.wake();
  }

  /** The association made progress: whoever waits for a flush may have it now. */
  acknowledged(): void {
    if (this.#flushes.length === 0 || !this.#channel.isFlushed) return;
    for (const flush of this.#flushes.splice(0)) flush.resolve();
  }

  get isAwaited(): boolean {
    return this.#flushes.length > 0;
  }

  flushed(): Promise<void> {
    if (this.#channel.isFlushed) return Promise.resolve();
    const flush = deferred<void>();
    this.#flushes.push(flush);
    this.#host.watch(this);
    return flush.promise;
  }

  close(): void {
    const { id, state } = this.#channel;
    if (state === "closed") return;
    if (id !== null) this.#host.discard(id);
    this.#channel.close(this.#host.now());
    this.#host.wake();
  }
}
