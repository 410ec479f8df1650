import { ConicError } from "../errors.js";
import type { Receiver } from "../stream.js";
import { deferred, type Deferred } from "./deferred.js";

export interface AsyncQueueOptions<T> {
  /** Items held at most; more are refused. */
  readonly maxItems: number;
  /** Sum of `sizeOf` held at most. Default: no limit beside `maxItems`. */
  readonly maxBytes?: number;
  /** Bytes of one item. Default 0. */
  readonly sizeOf?: (item: T) => number;
  /** Called after the consumer took an item that was queued. */
  readonly onTake?: (item: T) => void;
}

interface Consumer<T> {
  readonly receive: Receiver<T>;
  readonly done: Deferred<void>;
  /** While it has an item in its hands: the others wait in the queue. */
  busy: boolean;
}

/**
 * A bounded queue between one producer and one consumer, read with `for await` or with `consume`.
 *
 * After `end()` the consumer still gets what was queued, then the iteration is over. Leaving the loop leaves the
 * queue as it is: a later loop goes on where the first one stopped. Two loops at once are a mistake and throw
 * `invalid_state`.
 */
export class AsyncQueue<T> implements AsyncIterable<T> {
  readonly #options: AsyncQueueOptions<T>;
  #items: T[] = [];
  #head = 0;
  #bytes = 0;
  #ended = false;
  #error: ConicError | undefined;
  readonly #waiting: Deferred<IteratorResult<T, undefined>>[] = [];
  #reading = false;
  #consumer: Consumer<T> | undefined;

  constructor(options: AsyncQueueOptions<T>) {
    this.#options = options;
  }

  /** Items that wait for the consumer. */
  get size(): number {
    return this.#items.length - this.#head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Takes the item, or returns false: the queue is full or has ended. */
  push(item: T): boolean {
    if (this.#ended) return false;
    if (this.hand(item)) return true;
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) {
      waiting.resolve({ done: false, value: item });
      this.#options.onTake?.(item);
      return true;
    }
    const bytes = this.#options.sizeOf?.(item) ?? 0;
    if (this.size >= this.#options.maxItems) return false;
    if (this.#bytes + bytes > (this.#options.maxBytes ?? Infinity)) return false;
    this.#items.push(item);
    this.#bytes += bytes;
    return true;
  }

  /** Hands the item to a consumer that is free, past the queue; or does nothing, and returns false. */
  hand(item: T): boolean {
    const consumer = this.#consumer;
    // When it is free, nothing waits.
    if (consumer?.busy !== false) return false;
    this.#give(consumer, item);
    this.#work(consumer);
    return true;
  }

  /** No more items. With an error, the iteration throws it after the queued items. */
  end(error?: ConicError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    // The first reader gets the error, as it would have from the iteration; the others are past its end.
    if (error !== undefined) this.#waiting.shift()?.reject(error);
    this.#releaseReaders();
    if (this.#consumer?.busy === false) this.#finish(this.#consumer);
  }

  /**
   * Hands over each item, those that are pushed later from within `push`, until the queue has ended and is empty.
   * It counts as a loop, and ends as one: with the error of `end`, or with what `receive` throws or rejects with.
   */
  consume(receive: Receiver<T>): Promise<void> {
    try {
      this.#startReading();
    } catch (error) {
      return Promise.reject(ConicError.from(error, "internal"));
    }
    const consumer: Consumer<T> = { receive, done: deferred<void>(), busy: false };
    this.#consumer = consumer;
    this.#work(consumer);
    // No async function waits here: it would take more memory than all else that a quiet connection needs to be read.
    return consumer.done.promise;
  }

  /** Drops what is queued. */
  clear(): void {
    this.#items = [];
    this.#head = 0;
    this.#bytes = 0;
  }

  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    this.#startReading();
    const release = (): IteratorResult<T, undefined> => {
      this.#reading = false;
      this.#releaseReaders();
      return { done: true, value: undefined };
    };
    return {
      next: async () => {
        let over = true;
        try {
          const result = await this.#next();
          over = result.done === true;
          return result;
        } finally {
          if (over) this.#reading = false;
        }
      },
      return: () => Promise.resolve(release()),
    };
  }

  #startReading(): void {
    if (this.#reading) {
      throw new ConicError("invalid_state", "this stream is being read by another loop already");
    }
    this.#reading = true;
  }

  #give(consumer: Consumer<T>, item: T): void {
    // Also against itself: what `receive` does may push.
    consumer.busy = true;
    let pending: Promise<void> | undefined;
    try {
      pending = consumer.receive(item);
    } catch (error) {
      this.#stop(consumer, error);
      return;
    }
    if (pending === undefined) {
      consumer.busy = false;
      return;
    }
    pending.then(
      () => {
        consumer.busy = false;
        this.#work(consumer);
      },
      (error: unknown) => {
        this.#stop(consumer, error);
      },
    );
  }

  #work(consumer: Consumer<T>): void {
    while (!consumer.busy && this.size > 0) this.#give(consumer, this.#take());
    if (!consumer.busy && this.#ended) this.#finish(consumer);
  }

  #finish(consumer: Consumer<T>): void {
    if (this.#error === undefined) this.#stop(consumer);
    else this.#stop(consumer, this.#error);
  }

  /** The reading is over. */
  #stop(consumer: Consumer<T>, ...errors: readonly unknown[]): void {
    if (this.#consumer !== consumer) return;
    this.#consumer = undefined;
    this.#reading = false;
    if (errors.length === 0) consumer.done.resolve();
    else consumer.done.reject(errors[0]);
  }

  #next(): Promise<IteratorResult<T, undefined>> {
    if (this.size > 0) return Promise.resolve({ done: false, value: this.#take() });
    if (this.#ended) {
      if (this.#error !== undefined) return Promise.reject(this.#error);
      return Promise.resolve({ done: true, value: undefined });
    }
    const waiting = deferred<IteratorResult<T, undefined>>();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  #releaseReaders(): void {
    for (const waiting of this.#waiting.splice(0))
      waiting.resolve({ done: true, value: undefined });
  }

  #take(): T {
    const item = this.#items[this.#head] as T;
    this.#items[this.#head] = undefined as T;
    this.#head += 1;
    // Amortised constant time: the dead part is cut off when it is half of the array.
    if (this.#head > 64 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    this.#bytes -= this.#options.sizeOf?.(item) ?? 0;
    this.#options.onTake?.(item);
    return item;
  }
}
