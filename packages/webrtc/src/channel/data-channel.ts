import {
  AsyncQueue,
  ConicError,
  closeCodes,
  deferred,
  raceAbort,
  throwIfAborted,
  type AbortOptions,
  type Clock,
  type CloseInfo,
  type CloseOptions,
  type MessageStream,
  type StreamState,
} from "@conic/domain";
import { createReadable, createWritable, type DataChannelChunk } from "./data-channel-streams.js";
import type { EngineChannel, EngineChannelEvents, EngineChannelInit } from "../engine/port.js";
import type { DataChannelLimits } from "../options.js";
import type { DataChannelStats } from "../stats.js";
import { textBytes } from "./text-bytes.js";

export type DataChannelMessage = string | Uint8Array;

function byteLength(message: DataChannelMessage): number {
  return typeof message === "string" ? textBytes(message) : message.byteLength;
}

/**
 * A data channel (W3C RTCDataChannel) as a message stream: text arrives as strings, everything else as Uint8Array.
 * Made by {@link PeerConnection.createDataChannel} and by the remote.
 *
 * `send` copies what it is given. It throws `buffer_full` above `maxBufferedBytes`; a channel whose application
 * does not read is aborted above `maxReceiveBufferBytes`, for WebRTC cannot tell the remote to wait.
 *
 * It has one reader at a time: a `for await` loop or {@link readable}, which take from the same inbox.
 */
export class DataChannel implements MessageStream<DataChannelMessage> {
  readonly label: string;
  readonly protocol: string;
  readonly ordered: boolean;
  readonly maxRetransmits: number | null;
  readonly maxPacketLifeTime: number | null;
  readonly negotiated: boolean;
  /** @internal */
  readonly engineInit: EngineChannelInit;
  readonly #limits: DataChannelLimits;
  readonly #clock: Clock;
  readonly #inbox: AsyncQueue<DataChannelMessage>;
  readonly #opened = deferred<void>();
  readonly #closed = deferred<CloseInfo>();
  #engine: EngineChannel | undefined;
  #state: StreamState = "connecting";
  #aboveHighWater = false;
  #isDiscarding = false;
  #ready = deferred<void>();
  #closeInfo: CloseInfo | undefined;
  #messagesSent = 0;
  #messagesReceived = 0;
  #bytesSent = 0;
  #bytesReceived = 0;
  #readable: ReadableStream<DataChannelMessage> | undefined;
  #writable: WritableStream<DataChannelChunk> | undefined;

  /** @internal */
  constructor(init: EngineChannelInit, limits: DataChannelLimits, clock: Clock) {
    this.label = init.label;
    this.protocol = init.protocol;
    this.ordered = init.ordered;
    this.maxRetransmits = init.maxRetransmits ?? null;
    this.maxPacketLifeTime = init.maxPacketLifeTimeMs ?? null;
    this.negotiated = init.negotiatedId !== undefined;
    this.engineInit = init;
    this.#limits = limits;
    this.#clock = clock;
    this.#inbox = new AsyncQueue({
      maxItems: limits.maxReceiveBufferMessages,
      maxBytes: limits.maxReceiveBufferBytes,
      sizeOf: byteLength,
    });
    this.#ready.resolve();
  }

  /** Stream id (RFC 8832); null until the channel is open. */
  get id(): number | null {
    return this.#engine?.id ?? null;
  }

  get readyState(): StreamState {
    return this.#state;
  }

  get bufferedAmount(): number {
    return this.#state === "closed" ? 0 : (this.#engine?.bufferedAmount ?? 0);
  }

  /** Largest message that the remote accepts, in bytes. */
  get maxMessageBytes(): number {
    return this.#engine?.maxMessageBytes ?? 0;
  }

  /**
   * The messages as a WHATWG stream; always the same one. It takes a message when somebody asks for it and never
   * ahead: what is not read stays in the inbox of the channel, whose limits hold. It ends when the channel closes
   * cleanly and fails with the channel's error otherwise, in both cases behind what had arrived. Cancelling it closes
   * the channel.
   *
   * A remote that aborts its channel looks like one that closes it (RFC 8831 section 6.7 has one way to end a stream):
   * where it matters, let the last message say that it is the last.
   *
   * While a `for await` loop reads the channel, a read here fails with `invalid_state`, and the reverse.
   */
  get readable(): ReadableStream<DataChannelMessage> {
    this.#readable ??= createReadable(this);
    return this.#readable;
  }

  /**
   * The way to send as a WHATWG stream; always the same one. A write waits while more than `highWaterMarkBytes` wait,
   * and holds its chunk no longer than that. A string is one message. Bytes are one message up to 64 KiB and become
   * several above that, or above what the remote accepts: their boundaries mean nothing.
   *
   * Closing it waits until the remote has acknowledged everything, however long that takes, then closes the channel in
   * both directions. Aborting it, or a write that fails, such as one of a string that is `too_large`, aborts the
   * channel. It fails with the channel's error, or `closed`, when the channel ends first.
   */
  get writable(): WritableStream<DataChannelChunk> {
    this.#writable ??= createWritable(this, this.#limits.maxBufferedBytes);
    return this.#writable;
  }

  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  get closed(): Promise<CloseInfo> {
    return this.#closed.promise;
  }

  /**
   * Binds the channel to the engine; again with another engine channel while it has not opened.
   * @internal
   */
  attach(engine: EngineChannel): void {
    this.#engine = engine;
    const current = (): boolean => this.#engine === engine;
    const events: EngineChannelEvents = {
      open: () => {
        if (current()) this.#onOpen();
      },
      message: (data) => {
        if (current()) this.#onMessage(data);
      },
      drained: () => {
        if (current()) this.#onDrained();
      },
      closed: () => {
        if (current()) this.end({ code: closeCodes.normal, reason: "", wasClean: true });
      },
    };
    engine.bind(events, this.#limits.lowWaterMarkBytes);
  }

  send(data: DataChannelMessage): boolean {
    const engine = this.#engine;
    if (this.#state === "connecting" || engine === undefined) {
      throw new ConicError(
        "invalid_state",
        `channel "${this.label}" is not open yet: await channel.opened`,
      );
    }
    if (this.#state !== "open") {
      throw new ConicError("closed", `channel "${this.label}" is ${this.#state}`);
    }
    const bytes = byteLength(data);
    if (bytes > engine.maxMessageBytes) {
      throw new ConicError(
        "too_large",
        `a message of ${bytes} bytes is above the remote's limit of ${engine.maxMessageBytes}: split it`,
      );
    }
    if (engine.bufferedAmount + bytes > this.#limits.maxBufferedBytes) {
      throw new ConicError(
        "buffer_full",
        `${engine.bufferedAmount} bytes wait on channel "${this.label}": await channel.ready() before sending more`,
      );
    }
    engine.send(typeof data === "string" ? data : new Uint8Array(data));
    this.#messagesSent += 1;
    this.#bytesSent += bytes;
    if (engine.bufferedAmount <= this.#limits.highWaterMarkBytes) return !this.#aboveHighWater;
    if (!this.#aboveHighWater) {
      this.#aboveHighWater = true;
      this.#ready = deferred<void>();
    }
    return false;
  }

  async ready(options: AbortOptions = {}): Promise<void> {
    throwIfAborted(options.signal);
    if (this.#state === "connecting") await raceAbort(this.opened, options.signal);
    if (this.#state !== "open") {
      throw new ConicError("closed", `channel "${this.label}" is ${this.#state}`);
    }
    await raceAbort(this.#ready.promise, options.signal);
  }

  /**
   * Resolves when the remote has acknowledged everything sent so far. Unlike `close()`, which gives up after
   * `closeTimeoutMs`, this waits as long as the connection stands.
   * @throws ConicError `closed` when the channel ends before that, `aborted`.
   */
  async flush(options: AbortOptions = {}): Promise<void> {
    await this.ready(options);
    await raceAbort(Promise.race([this.#engine?.flushed(), this.closed]), options.signal);
    if (this.#closeInfo === undefined) return;
    throw new ConicError("closed", `channel "${this.label}" ended before all had arrived`, {
      cause: this.#closeInfo.error,
    });
  }

  async close(options: CloseOptions = {}): Promise<void> {
    throwIfAborted(options.signal);
    if (this.#state === "open") {
      this.#state = "closing";
      void this.#shutDown();
    } else if (this.#state === "connecting") {
      const error = new ConicError("closed", `channel "${this.label}" was closed before it opened`);
      this.end({ code: closeCodes.normal, reason: "", wasClean: false, error });
      this.#engine?.close();
    }
    await raceAbort(this.closed, options.signal);
  }

  abort(reason: ConicError): void {
    this.end({ code: closeCodes.abnormal, reason: reason.message, wasClean: false, error: reason });
    this.#engine?.close();
  }

  stats(): DataChannelStats {
    return {
      label: this.label,
      protocol: this.protocol,
      id: this.id,
      state: this.#state,
      messagesSent: this.#messagesSent,
      messagesReceived: this.#messagesReceived,
      bytesSent: this.#bytesSent,
      bytesReceived: this.#bytesReceived,
      bufferedAmount: this.bufferedAmount,
    };
  }

  /**
   * Nobody reads any more: what still comes neither fills the inbox nor aborts the channel.
   * @internal
   */
  discard(): void {
    this.#isDiscarding = true;
    this.#inbox.clear();
  }

  [Symbol.asyncIterator](): AsyncIterator<DataChannelMessage, undefined> {
    return this.#inbox[Symbol.asyncIterator]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * The channel is over: once.
   * @internal
   */
  end(info: CloseInfo): void {
    if (this.#closeInfo !== undefined) return;
    this.#closeInfo = info;
    this.#state = "closed";
    const closed = new ConicError("closed", `channel "${this.label}" is closed`, {
      cause: info.error,
    });
    this.#opened.reject(info.error ?? closed);
    this.#ready.reject(closed);
    this.#inbox.end();
    this.#closed.resolve(info);
  }

  async #shutDown(): Promise<void> {
    const engine = this.#engine;
    if (engine === undefined) return;
    const expired = deferred<void>();
    const cancel = this.#clock.schedule(this.#limits.closeTimeoutMs, () => {
      expired.resolve();
    });
    await Promise.race([engine.flushed(), expired.promise]);
    if (this.#closeInfo === undefined) engine.close();
    await Promise.race([this.closed, expired.promise]);
    cancel();
    const error = new ConicError(
      "timeout",
      `the remote did not confirm that channel "${this.label}" is closed`,
    );
    this.end({ code: closeCodes.abnormal, reason: error.message, wasClean: false, error });
  }

  #onOpen(): void {
    if (this.#state !== "connecting") return;
    this.#state = "open";
    this.#opened.resolve();
  }

  #onMessage(data: DataChannelMessage): void {
    if (this.#closeInfo !== undefined) return;
    this.#messagesReceived += 1;
    this.#bytesReceived += byteLength(data);
    if (this.#isDiscarding || this.#inbox.push(data)) return;
    this.abort(
      new ConicError(
        "slow_consumer",
        `channel "${this.label}" holds ${this.#inbox.bytes} bytes that nobody reads: iterate over it`,
      ),
    );
  }

  #onDrained(): void {
    if (!this.#aboveHighWater || this.bufferedAmount > this.#limits.lowWaterMarkBytes) return;
    this.#aboveHighWater = false;
    this.#ready.resolve();
  }
}
