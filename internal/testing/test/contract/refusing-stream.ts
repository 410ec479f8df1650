import {
  AsyncQueue,
  ConicError,
  deferred,
  raceAbort,
  throwIfAborted,
  type AbortOptions,
  type CloseInfo,
  type CloseOptions,
  type Deferred,
  type MessageStream,
  type StreamState,
} from "@conic/domain";

const highWaterMarkBytes = 1000;
const lowWaterMarkBytes = 200;
const maxBufferedBytes = 4000;
const maxReceiveQueueItems = 8;

/**
 * The smallest stream that refuses what does not fit, as data channels do. It opens late, moves one message per
 * microtask and tells no close codes.
 */
export class RefusingStream implements MessageStream<string> {
  readonly #inbox: AsyncQueue<string>;
  readonly #opened = deferred<void>();
  readonly #closed = deferred<CloseInfo>();
  #other: RefusingStream | undefined;
  #state: StreamState = "connecting";
  #outbox: string[] = [];
  #relief: Deferred<void> | undefined;
  #moving = false;

  constructor() {
    this.#inbox = new AsyncQueue<string>({
      maxItems: maxReceiveQueueItems,
      onTake: () => {
        if (this.#other !== undefined) this.#other.#move();
      },
    });
  }

  static pair(): [RefusingStream, RefusingStream] {
    const [a, b] = [new RefusingStream(), new RefusingStream()];
    a.#other = b;
    b.#other = a;
    for (const stream of [a, b]) {
      queueMicrotask(() => {
        stream.#open();
      });
    }
    return [a, b];
  }

  get readyState(): StreamState {
    return this.#state;
  }

  get bufferedAmount(): number {
    return this.#outbox.reduce((sum, message) => sum + message.length, 0);
  }

  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  get closed(): Promise<CloseInfo> {
    return this.#closed.promise;
  }

  send(message: string): boolean {
    if (this.#state === "connecting") throw new ConicError("invalid_state", "not open yet");
    if (this.#state !== "open") throw new ConicError("closed", "closed");
    if (this.bufferedAmount + message.length > maxBufferedBytes) {
      throw new ConicError("buffer_full", "wait for ready()");
    }
    this.#outbox.push(message);
    this.#move();
    if (this.bufferedAmount <= highWaterMarkBytes) return true;
    this.#relief ??= deferred<void>();
    return false;
  }

  async ready(options: AbortOptions = {}): Promise<void> {
    throwIfAborted(options.signal);
    if (this.#state === "closed") throw new ConicError("closed", "closed");
    if (this.#relief !== undefined) await raceAbort(this.#relief.promise, options.signal);
  }

  async close(options: CloseOptions = {}): Promise<void> {
    if (this.#state === "connecting") this.abort(new ConicError("closed", "closed before open"));
    if (this.#state === "open") this.#state = "closing";
    this.#move();
    await raceAbort(this.#closed.promise, options.signal);
  }

  abort(reason: ConicError): void {
    const lost = new ConicError("closed", "the other end went away");
    this.#end({ code: 1006, reason: "", wasClean: false, error: reason });
    if (this.#other !== undefined) {
      this.#other.#end({ code: 1006, reason: "", wasClean: false, error: lost });
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  [Symbol.asyncIterator](): AsyncIterator<string> {
    return this.#inbox[Symbol.asyncIterator]();
  }

  #open(): void {
    if (this.#state !== "connecting") return;
    this.#state = "open";
    this.#opened.resolve();
  }

  #move(): void {
    if (this.#moving || this.#state === "closed") return;
    this.#moving = true;
    queueMicrotask(() => {
      this.#moving = false;
      this.#step();
    });
  }

  #step(): void {
    const other = this.#other;
    if (other === undefined || this.#state === "closed") return;
    const [message] = this.#outbox;
    if (message !== undefined && other.#inbox.push(message)) {
      this.#outbox.shift();
      this.#move();
    }
    if (this.bufferedAmount <= lowWaterMarkBytes) {
      this.#relief?.resolve();
      this.#relief = undefined;
    }
    if (this.#state !== "closing" || this.#outbox.length > 0) return;
    if (other.#state === "open") other.#state = "closing";
    if (other.#outbox.length > 0) {
      other.#move();
      return;
    }
    for (const end of [this, other]) end.#end({ code: 1000, reason: "", wasClean: true });
  }

  #end(info: CloseInfo): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#outbox = [];
    this.#inbox.end();
    const closed = info.error ?? new ConicError("closed", "closed");
    this.#opened.reject(closed);
    this.#relief?.reject(new ConicError("closed", "closed"));
    this.#closed.resolve(info);
  }
}
