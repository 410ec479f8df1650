import { ConicError, deferred, type Deferred } from "@conic/domain";
import type { EngineChannel, EngineChannelEvents, EngineChannelInit } from "../../engine/port.js";

export interface NativeChannelHost {
  /** Largest message that the remote accepts. */
  maxMessageBytes(): number;
  /** Of what comes in. */
  readonly maxReceivedBytes: number;
  /** This side closed the connection. */
  isStopped(): boolean;
  fault(error: ConicError): void;
  /** A channel opened: whatever the browser has told so far, there is a connection. */
  opened(): void;
  /** A channel is closed; all that it brought was handed out. */
  closed(channel: NativeChannel): void;
}

/** What a channel that the remote opened was opened with. */
export function initOf(channel: RTCDataChannel): EngineChannelInit {
  return {
    label: channel.label,
    protocol: channel.protocol,
    ordered: channel.ordered,
    maxRetransmits: channel.maxRetransmits ?? undefined,
    maxPacketLifeTimeMs: channel.maxPacketLifeTime ?? undefined,
    negotiatedId: channel.negotiated ? (channel.id ?? undefined) : undefined,
  };
}

/** @throws ConicError `invalid_argument` for what this browser does not open. */
export function openChannel(pc: RTCPeerConnection, init: EngineChannelInit): RTCDataChannel {
  const options: RTCDataChannelInit = { ordered: init.ordered, protocol: init.protocol };
  if (init.maxRetransmits !== undefined) options.maxRetransmits = init.maxRetransmits;
  if (init.maxPacketLifeTimeMs !== undefined) options.maxPacketLifeTime = init.maxPacketLifeTimeMs;
  if (init.negotiatedId !== undefined) {
    options.negotiated = true;
    options.id = init.negotiatedId;
  }
  try {
    return pc.createDataChannel(init.label, options);
  } catch (error) {
    throw ConicError.from(error, "invalid_argument", "the browser does not open such a channel");
  }
}

/**
 * Chromium 156 tells nothing about the buffer of a channel that the remote opened, ever, when this side sends on it in
 * the first moments.
 */
const remoteOpensAfterMs = 20;

/** A data channel of the browser as the engine port has it. */
export class NativeChannel implements EngineChannel {
  readonly init: EngineChannelInit;
  readonly #host: NativeChannelHost;
  readonly #flushes: Deferred<void>[] = [];
  #channel: RTCDataChannel;
  #events: EngineChannelEvents | undefined;
  #drainedAtBytes = 0;
  readonly #isRemote: boolean;
  #opening: ReturnType<typeof setTimeout> | undefined;

  constructor(
    channel: RTCDataChannel,
    init: EngineChannelInit,
    host: NativeChannelHost,
    isRemote: boolean,
  ) {
    this.#isRemote = isRemote;
    this.init = init;
    this.#host = host;
    this.#channel = channel;
    this.#listen(channel);
  }

  get id(): number | null {
    return this.#channel.readyState === "connecting" ? null : this.#channel.id;
  }

  get maxMessageBytes(): number {
    return this.#host.maxMessageBytes();
  }

  get bufferedAmount(): number {
    return this.#channel.bufferedAmount;
  }

  /** It has been neither opened nor closed. */
  get isConnecting(): boolean {
    return this.#channel.readyState === "connecting";
  }

  bind(events: EngineChannelEvents, drainedAtBytes: number): void {
    this.#events = events;
    this.#drainedAtBytes = drainedAtBytes;
    this.#arm();
  }

  /** Goes on with a channel of another native connection, while it has not opened. */
  replace(channel: RTCDataChannel): void {
    this.#channel = channel;
    this.#listen(channel);
    this.#arm();
  }

  send(data: string | Uint8Array): void {
    try {
      if (typeof data === "string") this.#channel.send(data);
      else this.#channel.send(data as Uint8Array<ArrayBuffer>);
    } catch (error) {
      // W3C WebRTC section 6.2: InvalidStateError when it is not open, OperationError when its buffer is full.
      const isFull = error instanceof DOMException && error.name === "OperationError";
      throw ConicError.from(
        error,
        isFull ? "buffer_full" : "closed",
        isFull ? "the buffer of the browser is full" : "the data channel is closed",
      );
    }
    this.#arm();
  }

  /** Resolves when all was put on the wire: browsers do not tell what was acknowledged. */
  flushed(): Promise<void> {
    if (this.#isFlushed) return Promise.resolve();
    const flush = deferred<void>();
    this.#flushes.push(flush);
    this.#arm();
    return flush.promise;
  }

  close(): void {
    this.#channel.close();
  }

  get #isFlushed(): boolean {
    const { readyState, bufferedAmount } = this.#channel;
    return readyState === "closed" || bufferedAmount === 0;
  }

  /** The browser tells of one amount at a time: of the low-water mark above it, of an empty buffer below. */
  #arm(): void {
    const channel = this.#channel;
    const isAbove = channel.bufferedAmount > this.#drainedAtBytes;
    channel.bufferedAmountLowThreshold = isAbove ? this.#drainedAtBytes : 0;
  }

  #listen(channel: RTCDataChannel): void {
    channel.binaryType = "arraybuffer";
    const on = (type: string, act: (event: Event) => void): void => {
      channel.addEventListener(type, (event) => {
        if (channel === this.#channel && !this.#host.isStopped()) act(event);
      });
    };
    on("open", () => {
      this.#onOpen();
    });
    on("message", (event) => {
      this.#onMessage((event as MessageEvent<string | ArrayBuffer>).data);
    });
    on("bufferedamountlow", () => {
      this.#onLow();
    });
    on("close", () => {
      this.#openNow();
      this.#settle();
      this.#events?.closed();
      this.#host.closed(this);
    });
    // What it is about, the closing that follows tells.
    on("error", () => undefined);
  }

  #onOpen(): void {
    this.#host.opened();
    if (!this.#isRemote) {
      this.#events?.open();
      return;
    }
    this.#opening = setTimeout(() => {
      this.#openNow();
    }, remoteOpensAfterMs);
  }

  #openNow(): void {
    if (this.#opening === undefined) return;
    clearTimeout(this.#opening);
    this.#opening = undefined;
    if (!this.#host.isStopped()) this.#events?.open();
  }

  #onMessage(data: string | ArrayBuffer): void {
    const { maxReceivedBytes } = this.#host;
    // The browser reads larger ones than were announced.
    const isTooLarge = typeof data !== "string" && data.byteLength > maxReceivedBytes;
    if (!isTooLarge) {
      this.#events?.message(typeof data === "string" ? data : new Uint8Array(data));
      return;
    }
    const text = `channel "${this.init.label}" got a message above ${maxReceivedBytes} bytes`;
    this.#host.fault(new ConicError("too_large", text));
    this.close();
  }

  #onLow(): void {
    this.#events?.drained();
    if (this.#isFlushed) this.#settle();
    this.#arm();
  }

  #settle(): void {
    for (const flush of this.#flushes.splice(0)) flush.resolve();
  }
}
