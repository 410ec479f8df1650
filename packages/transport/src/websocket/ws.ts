// The one file that knows the ws library.
import { Socket } from "node:net";
import { Duplex } from "node:stream";
import { ConicError, Frame, type ErrorCode } from "@conic/domain";
import { WebSocket, type RawData } from "ws";
import type { Link, LinkEvents } from "../connection/link.js";
import type { ResolvedLimits } from "../limits.js";
import { ipAddress } from "../address/address.js";
import type { Target } from "../dial/target.js";
import { dialError, statusError } from "./dial-errors.js";
import type { WebSocketLinkOptions } from "./server-end/server-link.js";

// A frame of text, whatever the type of the data.
const asText = { binary: false, compress: false };

/** Options of ws that are fixed or derived from the limits. */
function engineOptions(limits: ResolvedLimits): {
  readonly perMessageDeflate: false;
  readonly maxPayload: number;
  readonly maxFragments: number;
  readonly maxBufferedChunks: number;
  readonly closeTimeout: number;
} {
  return {
    // 2.4 times the CPU per message, and memory per connection, for a gain on rare and small messages.
    perMessageDeflate: false,
    maxPayload: limits.maxFrameBytes,
    // A message in tiny fragments or TCP segments costs a hundred times its size in memory (advisory of ws
    // 8.21). Real ones come in a few of each: 64 KiB is 123 segments of the smallest MTU that IPv4 knows.
    maxFragments: 64,
    maxBufferedChunks: 1024,
    // The connection's own timer comes first; this one is a net below it.
    closeTimeout: Math.max(30_000, limits.closeTimeoutMs * 2),
  };
}

/** Why ws closed the connection, by the codes that it documents (doc/ws.md, "Error codes"). */
const violations: Readonly<Record<string, readonly [closeCode: number, ErrorCode]>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: [1009, "too_large"],
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: [1009, "too_large"],
  WS_ERR_TOO_MANY_BUFFERED_PARTS: [1008, "too_large"],
  WS_ERR_INVALID_UTF8: [1007, "invalid_message"],
};

function addressOf(stream: Duplex): string {
  return stream instanceof Socket ? ipAddress(stream.remoteAddress) : "";
}

function errnoOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "";
}

/**
 * A copy, where `bytes` is a small part of a larger buffer: what waits for a slow reader must not hold the whole
 * read of the network (64 KiB) that it came in with.
 */
function detached(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength * 2 < bytes.buffer.byteLength ? new Uint8Array(bytes) : bytes;
}

/** The client's end of a WebSocket. */
class ClientLink implements Link {
  readonly #socket: LinkedSocket;
  readonly #options: WebSocketLinkOptions;
  readonly #target: Target;
  #stream: Duplex | undefined;
  #events: LinkEvents | undefined;
  #corked = false;
  #cause: unknown;
  /** Made when something waits for the first time. */
  #onFlushed: (() => void) | undefined;

  constructor(socket: LinkedSocket, target: Target, options: WebSocketLinkOptions) {
    this.#socket = socket;
    this.#target = target;
    this.#options = options;
  }

  get bufferedAmount(): number {
    return this.#stream?.writableLength ?? 0;
  }

  start(events: LinkEvents): void {
    const socket = this.#socket;
    this.#events = events;
    socket.link = this;
    socket.on("message", onSocketMessage);
    socket.on("close", onSocketClose);
    socket.on("error", onSocketError);
    this.#awaitHandshake(events);
  }

  write(frame: Frame): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    const pending = stream.writableLength;
    let { bytes } = frame;
    if (this.#corked) {
      // Leaves with the others of this turn.
    } else if (pending === 0) {
      stream.cork();
      this.#corked = true;
      this.#options.batch.add(this);
    } else {
      bytes = detached(bytes);
    }
    const mayWait = pending + bytes.byteLength > this.#options.limits.lowWaterMarkBytes;
    this.#socket.send(bytes, asText, mayWait ? this.#flushed() : undefined);
  }

  flush(): void {
    if (!this.#corked) return;
    this.#corked = false;
    this.#stream?.uncork();
  }

  ping(): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.ping();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
    this.flush();
  }

  terminate(): void {
    const stream = this.#stream;
    try {
      // A reset also frees what the kernel holds for a reader that is stuck, instead of keeping it for minutes.
      // After an end, libuv refuses to reset (EINVAL), and Node then never closes the descriptor.
      const resettable = stream instanceof Socket && !stream.destroyed && !stream.writableEnded;
      if (resettable) stream.resetAndDestroy();
    } catch {
      // TLS and pipes have no reset.
    }
    this.#socket.terminate();
  }

  #attach(stream: Duplex, events: LinkEvents): void {
    this.#stream = stream;
    (stream as LinkedStream)[linkOf] = this;
    stream.on("error", onStreamError);
    // Behind the listener of ws, which has parsed the chunk when this one is called.
    stream.on("data", onStreamData);
    stream.on("end", onStreamEnd);
    events.onOpen(this.#socket.protocol, addressOf(stream));
  }

  #awaitHandshake(events: LinkEvents): void {
    const socket = this.#socket;
    let stream: Duplex | undefined;
    socket.on("upgrade", (response) => {
      stream = response.socket;
    });
    socket.on("open", () => {
      if (stream !== undefined) this.#attach(stream, events);
    });
    socket.on("unexpected-response", (_request, response) => {
      events.onFailure(statusError(this.#target, response));
      socket.terminate();
    });
  }

  onMessage(data: Buffer, isBinary: boolean): void {
    if (!isBinary) {
      this.#events?.onFrame(Frame.fromBytes(data));
      return;
    }
    const error = new ConicError("unsupported_data", "binary frames are not used here");
    this.#events?.onViolation(1003, error);
    this.close(1003, "unsupported_data");
  }

  onClose(code: number, reason: Buffer): void {
    const clean = code !== 1006;
    this.#events?.onEnd({ code, reason: reason.toString(), clean, cause: this.#cause });
  }

  onError(error: Error): void {
    if (this.#stream === undefined) {
      this.#events?.onFailure(dialError(this.#target, error));
      return;
    }
    const code = errnoOf(error);
    this.#cause ??= error;
    if (!code.startsWith("WS_ERR_")) return;
    const [closeCode, errorCode] = violations[code] ?? [1002, "invalid_message"];
    this.#events?.onViolation(
      closeCode,
      new ConicError(errorCode, error.message, { cause: error }),
    );
  }

  onStreamError(error: Error): void {
    this.#cause ??= error;
  }

  onStreamData(): void {
    this.#events?.onTraffic();
    if (this.#socket.readyState === WebSocket.CLOSING) this.#events?.onClosing();
  }

  onStreamEnd(): void {
    this.#events?.onClosing();
  }

  #flushed(): () => void {
    this.#onFlushed ??= () => {
      this.#events?.onDrain();
    };
    return this.#onFlushed;
  }
}

// Listeners find their link on what they listen to: closures of each connection would take half a kilobyte of it.

class LinkedSocket extends WebSocket {
  link: ClientLink | undefined;
}

const linkOf = Symbol("link");
type LinkedStream = Duplex & { [linkOf]?: ClientLink };

function onSocketMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  (this as LinkedSocket).link?.onMessage(data as Buffer, isBinary);
}

function onSocketClose(this: WebSocket, code: number, reason: Buffer): void {
  (this as LinkedSocket).link?.onClose(code, reason);
}

function onSocketError(this: WebSocket, error: Error): void {
  (this as LinkedSocket).link?.onError(error);
}

function onStreamError(this: LinkedStream, error: Error): void {
  this[linkOf]?.onStreamError(error);
}

function onStreamData(this: LinkedStream): void {
  this[linkOf]?.onStreamData();
}

function onStreamEnd(this: LinkedStream): void {
  this[linkOf]?.onStreamEnd();
}

export interface DialLinkOptions extends WebSocketLinkOptions {
  readonly protocols: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly ca?: string | readonly string[] | undefined;
}

/** Begins to connect. @throws ConicError `invalid_argument` for subprotocols or headers that cannot be sent. */
export function openLink(target: Target, options: DialLinkOptions): Link {
  const { protocols, headers, ca } = options;
  try {
    const socket = new LinkedSocket(target.url, [...protocols], {
      ...engineOptions(options.limits),
      headers: { ...headers },
      ...(ca === undefined ? {} : { ca: typeof ca === "string" ? ca : [...ca] }),
    });
    return new ClientLink(socket, target, options);
  } catch (error) {
    throw ConicError.from(error, "invalid_argument");
  }
}
