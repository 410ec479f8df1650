import {
  consume,
  type AbortOptions,
  type CloseInfo,
  type CloseOptions,
  type ConicError,
  type Connection,
  type Frame,
  type Receiver,
  type StreamState,
} from "@conic/domain";

/** A connection in all but what a subclass does differently. */
export abstract class WrappedConnection implements Connection {
  protected readonly inner: Connection;

  constructor(inner: Connection) {
    this.inner = inner;
  }

  abstract send(frame: Frame): boolean;

  get id(): string {
    return this.inner.id;
  }

  get protocol(): string {
    return this.inner.protocol;
  }

  get remoteAddress(): string {
    return this.inner.remoteAddress;
  }

  get readyState(): StreamState {
    return this.inner.readyState;
  }

  get bufferedAmount(): number {
    return this.inner.bufferedAmount;
  }

  get opened(): Promise<void> {
    return this.inner.opened;
  }

  get closed(): Promise<CloseInfo> {
    return this.inner.closed;
  }

  ready(options?: AbortOptions): Promise<void> {
    return this.inner.ready(options);
  }

  close(options?: CloseOptions): Promise<void> {
    return this.inner.close(options);
  }

  abort(reason: ConicError): void {
    this.inner.abort(reason);
  }

  consume(receive: Receiver<Frame>): Promise<void> {
    return consume(this.inner, receive);
  }

  [Symbol.asyncIterator](): AsyncIterator<Frame> {
    return this.inner[Symbol.asyncIterator]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.inner[Symbol.asyncDispose]();
  }
}
