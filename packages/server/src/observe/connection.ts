import type {
  AbortOptions,
  CloseInfo,
  CloseOptions,
  ConicError,
  Connection,
  Frame,
  StreamState,
} from "@conic/domain";
import type { GuardedObserver } from "./observer.js";

/** A connection whose every sent frame is told. */
export class ObservedConnection implements Connection {
  readonly #inner: Connection;
  readonly #observer: GuardedObserver;

  constructor(inner: Connection, observer: GuardedObserver) {
    this.#inner = inner;
    this.#observer = observer;
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

  send(frame: Frame): boolean {
    const below = this.#inner.send(frame);
    this.#observer.frameSent(frame.byteLength);
    return below;
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
