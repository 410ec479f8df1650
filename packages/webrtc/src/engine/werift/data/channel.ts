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
  /** Whether the association has nothing unacknowledged. */
  isFlushed(): boolean;
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
    if (!this.#closed && (this.#buffered > 0 || !this.#host.isFlushed())) return;
    for (const flush of this.#flushes.splice(0)) flush.resolve();
  }

  flushed(): Promise<void> {
    const flush = deferred<void>();
    this.#flushes.push(flush);
    this.acknowledged();
    return flush.promise;
  }

  close(): void {
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
        this.#events?.open();
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
