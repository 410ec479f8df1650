import {
  ConicError,
  deferred,
  raceAbort,
  throwIfAborted,
  type AbortOptions,
  type CloseInfo,
  type CloseOptions,
  type Clock,
  type Connection,
  type Frame,
  type Logger,
  type Receiver,
  type StreamState,
} from "@conic/domain";
import type { ResolvedLimits } from "../limits.js";
import { checkClose, endedBy, endedWith } from "./close-rules.js";
import { Congestion } from "./congestion.js";
import { Inbox, type InboxOwner } from "./inbox.js";
import type { Keepalive, Watch, Watched } from "./keepalive.js";
import type { Link, LinkEnd, LinkEvents } from "./link.js";

/** What connections of one kind have in common: one object for all of an acceptor. */
export interface ConnectionSetup {
  readonly limits: ResolvedLimits;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Without one, the other end is taken to be alive. */
  readonly keepalive?: Keepalive | undefined;
  /** What its closes may say. Default: {@link checkClose}. */
  readonly checkClose?: typeof checkClose;
  readonly onEnd?: () => void;
}

/**
 * Every connection of this package: states, limits and waiting above a {@link Link}.
 *
 * ```
 * connecting --onOpen--> open --close(), onClosing, onViolation--> closing --onEnd--> closed
 *     any state --abort(), onFailure, onEnd--> closed
 * ```
 */
export class StreamConnection implements Connection, LinkEvents, Watched, InboxOwner {
  readonly id: string;
  readonly #setup: ConnectionSetup;
  readonly #link: Link;
  readonly #limits: ResolvedLimits;
  readonly #inbox: Inbox;
  readonly #congestion: Congestion;
  readonly #opened = deferred<void>();
  readonly #closed = deferred<CloseInfo>();
  #state: StreamState = "connecting";
  #protocol = "";
  #remoteAddress = "";
  #watch: Watch | undefined;
  #cancelCloseTimer: (() => void) | undefined;
  /** What the other end did wrong; nothing more of it is read. */
  #violation: CloseInfo | undefined;
  /** Why the close handshake is not a clean one. */
  #missing: ConicError | undefined;

  constructor(id: string, link: Link, setup: ConnectionSetup) {
    const { limits } = setup;
    this.id = id;
    this.#setup = setup;
    this.#link = link;
    this.#limits = limits;
    this.#congestion = new Congestion(limits.highWaterMarkBytes, limits.lowWaterMarkBytes);
    this.#inbox = new Inbox(limits, this);
    link.start(this);
  }

  get protocol(): string {
    return this.#protocol;
  }

  get remoteAddress(): string {
    return this.#remoteAddress;
  }

  get readyState(): StreamState {
    return this.#state;
  }

  get bufferedAmount(): number {
    return this.#state === "closed" ? 0 : this.#link.bufferedAmount;
  }

  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  get closed(): Promise<CloseInfo> {
    return this.#closed.promise;
  }

  get listening(): boolean {
    return !this.#inbox.full;
  }

  send(frame: Frame): boolean {
    this.#requireSendable(frame.byteLength);
    this.#link.write(frame);
    if (this.#congestion.rise(this.#link.bufferedAmount)) return true;
    // Frames are written together once per turn of the event loop; a turn that sends much is not a slow reader.
    this.#link.flush();
    this.#congestion.fall(this.#link.bufferedAmount);
    return this.#link.bufferedAmount <= this.#limits.highWaterMarkBytes;
  }

  async ready(options: AbortOptions = {}): Promise<void> {
    throwIfAborted(options.signal);
    if (this.#state === "closed") throw closedError();
    await this.#congestion.wait(options.signal);
  }

  async close(options: CloseOptions = {}): Promise<void> {
    const { code = 1000, reason = "", signal } = options;
    (this.#setup.checkClose ?? checkClose)(code, reason);
    throwIfAborted(signal);
    if (this.#state === "connecting") {
      this.abort(new ConicError("closed", "the connection was closed before it was open"));
    }
    if (this.#state === "open") {
      this.#startClosing();
      this.#link.close(code, reason);
    }
    await raceAbort(this.#closed.promise, signal);
  }

  abort(reason: ConicError): void {
    if (this.#state === "closed") return;
    this.#finish(endedBy(reason));
    this.#link.terminate();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  consume(receive: Receiver<Frame>): Promise<void> {
    return this.#inbox.consume(receive);
  }

  [Symbol.asyncIterator](): AsyncIterator<Frame> {
    return this.#inbox[Symbol.asyncIterator]();
  }

  onOpen(protocol: string, remoteAddress: string): void {
    if (this.#state !== "connecting") return;
    this.#state = "open";
    this.#protocol = protocol;
    this.#remoteAddress = remoteAddress;
    this.#watch = this.#setup.keepalive?.watch(this);
    this.#opened.resolve();
  }

  onFrame(frame: Frame): void {
    if (this.#state === "closed" || this.#violation !== undefined) return;
    if (this.#state === "closing" && this.#inbox.full) {
      // The socket must be read to the end to see the close frame, and nobody may be reading here any more.
      this.#missing ??= new ConicError(
        "closed",
        "messages were dropped that arrived during the close",
      );
    }
    if (this.#missing === undefined) this.#inbox.put(frame);
  }

  onFull(): void {
    if (this.#state === "open") this.#link.pause();
  }

  onRoom(): void {
    // What came in the meantime waits in the kernel: the silence was this side's.
    this.#watch?.seen();
    this.#link.resume();
  }

  onTraffic(): void {
    this.#watch?.seen();
  }

  onDrain(): void {
    if (this.#state !== "closed") this.#congestion.fall(this.#link.bufferedAmount);
  }

  onClosing(): void {
    if (this.#state === "open") this.#startClosing();
  }

  onViolation(code: number, error: ConicError): void {
    if (this.#state === "closed" || this.#violation !== undefined) return;
    this.#violation = endedBy(error, code);
    this.#setup.logger.warn({ connection: this.id, code, error: error.code }, "closing: bad frame");
    if (this.#state === "open") this.#startClosing();
  }

  onFailure(error: ConicError): void {
    this.#finish(endedBy(error));
  }

  onEnd(end: LinkEnd): void {
    this.#finish(this.#violation ?? endedWith(end, this.#missing));
  }

  ping(): void {
    this.#link.ping();
  }

  onDead(): void {
    const { pingIntervalMs, pongTimeoutMs } = this.#limits;
    this.#setup.logger.warn({ connection: this.id }, "aborting: no pong");
    this.abort(
      new ConicError("ping_timeout", "the other end sent nothing, not even a pong", {
        details: { pingIntervalMs, pongTimeoutMs },
      }),
    );
  }

  #requireSendable(bytes: number): void {
    if (this.#state === "connecting") {
      throw new ConicError("invalid_state", "the connection is not open yet: await opened first");
    }
    if (this.#state !== "open") throw closedError();
    const { maxFrameBytes, maxBufferedBytes } = this.#limits;
    if (bytes > maxFrameBytes) {
      throw new ConicError("too_large", `a frame is at most ${maxFrameBytes} bytes`, {
        details: { bytes, maxFrameBytes },
      });
    }
    if (this.#link.bufferedAmount + bytes <= maxBufferedBytes) return;
    this.#link.flush();
    if (this.#link.bufferedAmount + bytes <= maxBufferedBytes) return;
    const error = new ConicError("slow_consumer", "the other end does not read what it is sent", {
      details: { bufferedBytes: this.#link.bufferedAmount, maxBufferedBytes },
    });
    this.#setup.logger.warn({ connection: this.id, maxBufferedBytes }, "aborting: slow consumer");
    this.abort(error);
    throw error;
  }

  #startClosing(): void {
    const { closeTimeoutMs } = this.#limits;
    this.#state = "closing";
    this.#watch?.stop();
    this.#cancelCloseTimer = this.#setup.clock.schedule(closeTimeoutMs, () => {
      this.#missing ??= new ConicError(
        "timeout",
        `the other end did not complete the close within ${closeTimeoutMs} ms`,
      );
      this.#link.terminate();
    });
    this.#link.resume();
  }

  #finish(info: CloseInfo): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#watch?.stop();
    this.#cancelCloseTimer?.();
    this.#inbox.end();
    // Errors are made for those who wait only: a stack trace costs more than the rest of an end.
    const why = (): ConicError => info.error ?? closedError();
    if (!this.#opened.settled) this.#opened.reject(why());
    if (this.#congestion.congested) this.#congestion.end(closedError(why()));
    this.#closed.resolve(info);
    this.#setup.onEnd?.();
  }
}

function closedError(cause?: ConicError): ConicError {
  return new ConicError("closed", "the connection is closed", { cause });
}
