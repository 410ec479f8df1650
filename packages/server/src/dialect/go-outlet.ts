import type {
  AbortOptions,
  CloseInfo,
  CloseOptions,
  ConicError,
  Connection,
  Frame,
  StreamState,
} from "@conic/domain";
import { decodeServerMessage, encodeGoMessage, type ServerMessage } from "@conic/protocol";

function read(frame: Frame): ServerMessage | undefined {
  try {
    return decodeServerMessage(frame).message;
  } catch {
    return undefined;
  }
}

/** The connection of a client of the Go dialect, as the hub sees it: frames of `conic.v1` arrive translated. */
export class GoOutlet implements Connection {
  readonly #inner: Connection;
  /** What is in the Go dialect already. */
  readonly #accepted = new WeakSet<Frame>();

  constructor(inner: Connection) {
    this.#inner = inner;
  }

  get id(): string {
    return this.#inner.id;
  }

  get protocol(): string {
    return this.#inner.protocol;
  }

  get remoteAddress(): string {
    return this.#inner.remoteAddress;
  }

  get readyState(): StreamState {
    return this.#inner.readyState;
  }

  get bufferedAmount(): number {
    return this.#inner.bufferedAmount;
  }

  get opened(): Promise<void> {
    return this.#inner.opened;
  }

  get closed(): Promise<CloseInfo> {
    return this.#inner.closed;
  }

  /** Says that this frame, which `send` will be given, needs no translation. */
  accept(frame: Frame): Frame {
    this.#accepted.add(frame);
    return frame;
  }

  send(frame: Frame): boolean {
    if (this.#accepted.has(frame)) return this.#inner.send(frame);
    const message = read(frame);
    // An embedder may have put a frame of its own into the hub: that is between it and its client.
    if (message === undefined) return this.#inner.send(frame);
    const translated = encodeGoMessage(message, new Date());
    return translated === undefined || this.#inner.send(translated);
  }

  ready(options?: AbortOptions): Promise<void> {
    return this.#inner.ready(options);
  }

  close(options?: CloseOptions): Promise<void> {
    return this.#inner.close(options);
  }

  abort(reason: ConicError): void {
    this.#inner.abort(reason);
  }

  [Symbol.asyncIterator](): AsyncIterator<Frame> {
    return this.#inner[Symbol.asyncIterator]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inner[Symbol.asyncDispose]();
  }
}
