import { ConicError, deferred, type Deferred } from "@conic/domain";
import type { EngineChannel, EngineChannelEvents, EngineChannelInit } from "../../port.js";
import {
  outboundMessage,
  type OutboundMessage,
  type PumpSource,
  type SendPump,
} from "./send-pump.js";
import type { RTCDataChannel } from "../vendor.js";

// A message at or above the 1 MiB receive window of the other werift never arrives.
const largestMessageBytes = 262_144;

export interface WeriftChannelHost {
  readonly pump: SendPump;
  /** Whether the association has nothing of this stream that is unacknowledged. */
  isFlushed(streamId: number): boolean;
  /** From the remote description; 0 means no limit. */
  remoteMaxMessageBytes(): number;
}

/** A data channel of werift, with an own queue in front of it. */
export class WeriftChannel implements EngineChannel, PumpSource {
  readonly init: EngineChannelInit;
  readonly #rtc: RTCDataChannel;
  readonly #host: WeriftChannelHost;
  #events: EngineChannelEvents | undefined;
  #queue: OutboundMessage[] = [];
  #head = 0;
  #buffered = 0;
  #closed = false;
  #closing = false;
  #flushes: Deferred<void>[] = [];

  constructor(rtc: RTCDataChannel, init: EngineChannelInit, host: WeriftChannelHost) {
    this.#rtc = rtc;
    this.init = init;
    this.#host = host;
    rtc.stateChanged.subscribe(() => {
      this.#onState();
    });
    rtc.onMessage.subscribe((data: string | Buffer) => {
      this.#events?.message(data);
    });
  }

  get id(): number | null {
    // werift types it as a number but leaves it undefined until the channel opens.
    const id = this.#rtc.id as number | undefined;
    return id ?? null;
  }

  get streamId(): number | null {
    return this.id;
  }

  get ordered(): boolean {
    return this.init.ordered;
  }

  get maxMessageBytes(): number {
    const remote = this.#host.remoteMaxMessageBytes();
    return remote === 0 ? largestMessageBytes : Math.min(remote, largestMessageBytes);
  }

  get bufferedAmount(): number {
    return this.#buffered;
  }

  bind(events: EngineChannelEvents): void {
    this.#events = events;
    this.#onState();
  }

  send(data: string | Uint8Array): void {
    if (this.#closed) throw new ConicError("closed", "the data channel is closed");
    const message = outboundMessage(data);
    this.#queue.push(message);
    this.#buffered += message.data.length;
    this.#host.pump.wake(this);
  }

  take(): OutboundMessage | undefined {
    const message = this.#queue[this.#head];
    if (message === undefined) {
      this.#queue = [];
      this.#head = 0;
      return undefined;
    }
    this.#head += 1;
    if (this.#head > 1024 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return message;
  }

  taken(message: OutboundMessage): void {
    if (this.#closed) return;
    this.#buffered -= message.data.length;
    this.#events?.drained();
    this.acknowledged();
  }

  /** The association made progress: whoever waits for a flush may have it now. */
  acknowledged(): void {
    if (this.#flushes.length === 0) return;
    if (!this.#closed) {
      if (this.#buffered > 0) return;
      if (this.streamId !== null && !this.#host.isFlushed(this.streamId)) return;
    }
    for (const flush of this.#flushes.splice(0)) flush.resolve();
  }

  flushed(): Promise<void> {
    const flush = deferred<void>();
    this.#flushes.push(flush);
    this.acknowledged();
    return flush.promise;
  }

  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    for (const message of this.#queue.slice(this.#head)) this.#buffered -= message.data.length;
    this.#queue = [];
    this.#head = 0;
    // A channel that werift closes before it announced it takes the announcements of the others with it: it is
    // closed when it opens.
    if (this.#rtc.readyState === "connecting") this.detach();
    else void this.#closeStream();
  }

  /** A stream that is reset while messages are on the way is spoilt for its next channel. */
  async #closeStream(): Promise<void> {
    await this.flushed();
    this.#rtc.close();
  }

  /** The connection is over. */
  detach(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue = [];
    this.#buffered = 0;
    this.acknowledged();
    this.#events?.closed();
  }

  #onState(): void {
    switch (this.#rtc.readyState) {
      case "open":
        if (this.#closing) void this.#closeStream();
        else this.#events?.open();
        return;
      case "closed":
        if (this.#events !== undefined) this.detach();
        return;
      case "connecting":
      case "closing":
        return;
    }
  }
}
