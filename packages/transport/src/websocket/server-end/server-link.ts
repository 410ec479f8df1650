import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { ConicError, Frame } from "@conic/domain";
import type { Link, LinkEvents } from "../../connection/link.js";
import type { ResolvedLimits } from "../../limits.js";
import type { WriteBatch } from "../write-batch.js";
import { closeFrame, controlFrame, opcodes, pingFrame } from "./frame-bytes.js";
import { FrameReceiver, type FrameSink } from "./frame-receiver.js";
import { Outbox } from "./outbox.js";

export interface WebSocketLinkOptions {
  readonly limits: ResolvedLimits;
  readonly batch: WriteBatch;
}

export interface ServerLinkParts {
  /** What the upgrade has left: whoever is at the other end speaks WebSocket now. */
  readonly stream: Duplex;
  readonly protocol: string;
  readonly remoteAddress: string;
}

/** More than this is written before the turn of the event loop ends. */
const maxJoinedBytes = 65_536;

/** The server's end of a WebSocket behind the handshake (RFC 6455 sections 5 to 7). */
export class ServerLink implements Link, FrameSink {
  readonly #stream: LinkedStream;
  readonly #options: WebSocketLinkOptions;
  readonly #protocol: string;
  readonly #remoteAddress: string;
  readonly #outbox = new Outbox();
  readonly #receiver: FrameReceiver;
  #events: LinkEvents | undefined;
  #closeSent = false;
  #closeReceived: { readonly code: number; readonly reason: string } | undefined;
  #cause: unknown;
  /** Made when something waits for the first time. */
  #onFlushed: (() => void) | undefined;

  constructor({ stream, protocol, remoteAddress }: ServerLinkParts, options: WebSocketLinkOptions) {
    this.#stream = stream;
    this.#stream[linkOf] = this;
    this.#options = options;
    this.#protocol = protocol;
    this.#remoteAddress = remoteAddress;
    this.#receiver = new FrameReceiver(this, options.limits.maxFrameBytes);
  }

  get bufferedAmount(): number {
    return this.#stream.writableLength + this.#outbox.byteLength;
  }

  start(events: LinkEvents): void {
    const stream = this.#stream;
    this.#events = events;
    if (stream instanceof Socket) {
      stream.setTimeout(0);
      stream.setNoDelay(true);
    }
    stream.on("error", onStreamError);
    stream.on("close", onStreamClose);
    stream.on("end", onStreamEnd);
    stream.on("data", onStreamData);
    events.onOpen(this.#protocol, this.#remoteAddress);
  }

  write(frame: Frame): void {
    const outbox = this.#outbox;
    const wasEmpty = outbox.byteLength === 0;
    outbox.push(frame);
    // It may be flushed by that.
    if (wasEmpty) this.#options.batch.add(this);
    if (outbox.byteLength > maxJoinedBytes) this.flush();
  }

  flush(): void {
    const outbox = this.#outbox;
    if (outbox.byteLength === 0) return;
    if (!this.#writable) {
      outbox.clear();
      return;
    }
    const mayWait = this.bufferedAmount > this.#options.limits.lowWaterMarkBytes;
    outbox.writeTo(this.#stream, mayWait ? this.#flushed() : undefined);
  }

  ping(): void {
    if (this.#writable) this.#stream.write(pingFrame);
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  close(code: number, reason: string): void {
    this.#sendClose(code, reason);
  }

  terminate(): void {
    const stream = this.#stream;
    this.#outbox.clear();
    try {
      // A reset also frees what the kernel holds for a reader that is stuck, instead of keeping it for minutes.
      // After an end, libuv refuses to reset (EINVAL), and Node then never closes the descriptor.
      const resettable = stream instanceof Socket && !stream.destroyed && !stream.writableEnded;
      if (resettable) stream.resetAndDestroy();
    } catch {
      // TLS and pipes have no reset.
    }
    stream.destroy();
  }

  onText(bytes: Buffer): void {
    this.#events?.onFrame(Frame.fromBytes(bytes));
  }

  onBinary(): void {
    if (this.#closeSent) return;
    const error = new ConicError("unsupported_data", "binary frames are not used here");
    this.#events?.onViolation(1003, error);
    this.close(1003, "unsupported_data");
  }

  /** A client that does not read what it is sent gets no pongs either: they would fill the memory. */
  onPing(payload: Buffer): void {
    if (!this.#writable) return;
    if (this.#stream.writableLength > this.#options.limits.lowWaterMarkBytes) return;
    this.#stream.write(controlFrame(opcodes.pong, payload));
  }

  onClose(code: number, reason: string): void {
    this.#closeReceived = { code, reason };
    this.#events?.onClosing();
    this.#sendClose(code === 1005 ? undefined : code, reason);
    // The server is the one who lets go (RFC 6455 section 7.1.1).
    this.#stream.end();
  }

  onInvalid(closeCode: number, error: ConicError): void {
    this.#events?.onViolation(closeCode, error);
    this.#sendClose(closeCode, "");
    this.#stream.end();
  }

  onData(chunk: Buffer): void {
    this.#events?.onTraffic();
    this.#receiver.push(chunk);
  }

  onEnd(): void {
    this.#events?.onClosing();
    this.flush();
    this.#stream.end();
  }

  onError(error: Error): void {
    this.#cause ??= error;
  }

  onGone(): void {
    // What had come to a stream that was paused is still in it.
    const rest: unknown = this.#stream.read();
    if (Buffer.isBuffer(rest)) this.#receiver.push(rest);
    this.#outbox.clear();
    const { code = 1006, reason = "" } = this.#closeReceived ?? {};
    const clean = this.#closeReceived !== undefined;
    this.#events?.onEnd({ code, reason, clean, cause: this.#cause });
  }

  get #writable(): boolean {
    return !this.#closeSent && this.#stream.writable;
  }

  #sendClose(code: number | undefined, reason: string): void {
    this.flush();
    if (this.#writable) this.#stream.write(closeFrame(code, reason));
    this.#closeSent = true;
  }

  #flushed(): () => void {
    this.#onFlushed ??= () => {
      this.#events?.onDrain();
    };
    return this.#onFlushed;
  }
}

// Listeners find their link on what they listen to: closures of each connection would take half a kilobyte of it.

const linkOf = Symbol("link");
type LinkedStream = Duplex & { [linkOf]?: ServerLink };

function onStreamData(this: LinkedStream, chunk: Buffer): void {
  this[linkOf]?.onData(chunk);
}

function onStreamEnd(this: LinkedStream): void {
  this[linkOf]?.onEnd();
}

function onStreamError(this: LinkedStream, error: Error): void {
  this[linkOf]?.onError(error);
}

function onStreamClose(this: LinkedStream): void {
  this[linkOf]?.onGone();
}
