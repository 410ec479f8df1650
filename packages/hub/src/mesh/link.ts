import type { Socket } from "node:net";
import { ConicError } from "@conic/domain";
import { header, headerBytes, Splitter } from "./splitter.js";

export interface LinkLimits {
  readonly maxMessageBytes: number;
  readonly maxQueuedBytes: number;
}

export interface LinkEvents {
  /** What it throws ends the link. */
  readonly message: (message: Uint8Array) => void;
  /** Called once; with an error when the other end broke the format. */
  readonly end: (error: unknown) => void;
}

/** Above this, `send` asks to hold back what can be. */
const highWaterMarkBytes = 1_048_576;

/** Messages over one socket, those of one turn of the event loop in one system call. */
export class Link {
  readonly #socket: Socket;
  readonly #limits: LinkLimits;
  readonly #events: LinkEvents;
  readonly #splitter: Splitter;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #held = false;
  #ended = false;

  constructor(socket: Socket, limits: LinkLimits, events: LinkEvents) {
    this.#socket = socket;
    this.#limits = limits;
    this.#events = events;
    this.#splitter = new Splitter(limits.maxMessageBytes);
    let failure: unknown;
    socket.on("error", (error) => {
      failure = error;
    });
    socket.on("data", (chunk: Buffer) => {
      this.#splitter.push(chunk);
      this.#read();
    });
    socket.on("close", () => {
      this.#end(failure);
    });
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Nothing more is read, until `release`. */
  hold(): void {
    this.#held = true;
    this.#socket.pause();
  }

  release(): void {
    if (!this.#held) return;
    this.#held = false;
    // Later: whoever releases is in the middle of something.
    setImmediate(() => {
      this.#read();
      if (!this.#held) this.#socket.resume();
    });
  }

  /** @throws ConicError `too_large`, `buffer_full`. */
  send(message: Uint8Array): boolean {
    const { maxMessageBytes, maxQueuedBytes } = this.#limits;
    if (message.byteLength > maxMessageBytes) {
      throw new ConicError("too_large", `a message has at most ${maxMessageBytes} bytes`);
    }
    const queued = this.#socket.writableLength + this.#pendingBytes;
    if (queued + message.byteLength > maxQueuedBytes) {
      const error = new ConicError("buffer_full", "the other node does not read");
      this.destroy();
      throw error;
    }
    if (this.#pending.length === 0) {
      setImmediate(() => {
        this.flush();
      });
    }
    this.#pending.push(header(message.byteLength), message);
    this.#pendingBytes += headerBytes + message.byteLength;
    return queued + message.byteLength <= highWaterMarkBytes;
  }

  flush(): void {
    const pending = this.#pending;
    if (pending.length === 0) return;
    this.#pending = [];
    this.#pendingBytes = 0;
    if (!this.#socket.destroyed && this.#socket.writable)
      this.#socket.write(Buffer.concat(pending));
  }

  /** Sends what is queued, then ends. */
  finish(): void {
    this.flush();
    this.#socket.end();
    // Whoever waits for the other end to end must read to see it.
    this.#held = true;
    this.#socket.resume();
  }

  destroy(): void {
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#held = true;
    this.#socket.destroy();
  }

  #read(): void {
    try {
      while (!this.#held && !this.#ended) {
        const message = this.#splitter.next();
        if (message === undefined) return;
        this.#events.message(message);
      }
    } catch (error) {
      this.destroy();
      this.#end(error);
    }
  }

  #end(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#events.end(error);
  }
}
