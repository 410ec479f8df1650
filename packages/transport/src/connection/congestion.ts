import { deferred, raceAbort, type ConicError, type Deferred } from "@conic/domain";

/** The two water marks of a sender: above the high one it should wait, until the buffer is at the low one. */
export class Congestion {
  readonly #highWaterMarkBytes: number;
  readonly #lowWaterMarkBytes: number;
  /** There while congested. */
  #relief: Deferred<void> | undefined;

  constructor(highWaterMarkBytes: number, lowWaterMarkBytes: number) {
    this.#highWaterMarkBytes = highWaterMarkBytes;
    this.#lowWaterMarkBytes = lowWaterMarkBytes;
  }

  /** Whether somebody may be waiting. */
  get congested(): boolean {
    return this.#relief !== undefined;
  }

  /** After something was buffered: whether the sender may go on. */
  rise(bufferedBytes: number): boolean {
    if (bufferedBytes <= this.#highWaterMarkBytes) return true;
    this.#relief ??= deferred<void>();
    return false;
  }

  /** After something left the buffer. */
  fall(bufferedBytes: number): void {
    if (this.#relief === undefined || bufferedBytes > this.#lowWaterMarkBytes) return;
    const relief = this.#relief;
    this.#relief = undefined;
    relief.resolve();
  }

  /** Resolves when not congested. */
  async wait(signal: AbortSignal | undefined): Promise<void> {
    if (this.#relief !== undefined) await raceAbort(this.#relief.promise, signal);
  }

  /** Nothing leaves the buffer any more: every wait rejects. */
  end(error: ConicError): void {
    this.#relief?.reject(error);
  }
}
