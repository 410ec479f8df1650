import { ConicError, type Signal, type SignalingChannel } from "@conic/domain";

export interface SignalingLinkEvents {
  signal(signal: Signal): void;
  /** The way to the remote is broken, or the server has something to say about it. */
  error(error: ConicError): void;
  /** A signal that the negotiation can do without was not sent. */
  fault(error: ConicError): void;
}

/** The signaling channel of one peer connection, which reads it to its end. */
export class SignalingLink implements AsyncDisposable {
  readonly #channel: SignalingChannel;
  readonly #events: SignalingLinkEvents;
  #isOver = false;
  #waiting = 0;

  constructor(channel: SignalingChannel, events: SignalingLinkEvents) {
    this.#channel = channel;
    this.#events = events;
    void this.#read();
  }

  /** A description waits to be taken by the server. */
  get isWaiting(): boolean {
    return this.#waiting > 0;
  }

  async send(signal: Signal): Promise<void> {
    const weight = signal.kind === "description" ? 1 : 0;
    this.#waiting += weight;
    try {
      await this.#channel.send(signal).finally(() => {
        this.#waiting -= weight;
      });
    } catch (error) {
      if (this.#isOver) return;
      const reason = ConicError.from(error, "connection_failed");
      const isNotice = signal.kind === "candidate" || signal.description.type === "rollback";
      if (isNotice) this.#events.fault(reason);
      else this.#events.error(reason);
    }
  }

  /** No event comes after this; what is still being sent is. */
  end(): void {
    this.#isOver = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end();
    await this.#channel[Symbol.asyncDispose]();
  }

  async #read(): Promise<void> {
    try {
      for await (const event of this.#channel) {
        if (this.#isOver) return;
        if (event.kind === "error") this.#events.error(event.error);
        else this.#events.signal(event);
      }
    } catch (error) {
      if (!this.#isOver) this.#events.error(ConicError.from(error, "connection_failed"));
    }
  }
}
