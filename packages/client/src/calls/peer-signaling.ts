import {
  AsyncQueue,
  ConicError,
  type ClientId,
  type Signal,
  type SignalingChannel,
  type SignalingEvent,
} from "@conic/domain";
import { signalToMessage } from "@conic/protocol";
import type { Outbox } from "../link/outbox.js";

/** Signals of one peer that wait to be read. A call takes about fifteen. */
export const maxQueuedSignals = 512;

/**
 * Correlation id of signals: an error that carries it is about a call, not about a relayed message. A call that
 * fails is told of once, though each of its candidates is refused as well.
 */
export const signalCorrelationId = "signal";

/** The signaling channel to one peer, through the server. */
export class PeerSignaling implements SignalingChannel {
  readonly localId: ClientId;
  readonly remoteId: ClientId;
  readonly #outbox: Outbox;
  readonly #inbox = new AsyncQueue<SignalingEvent>({ maxItems: maxQueuedSignals });

  constructor(localId: ClientId, remoteId: ClientId, outbox: Outbox) {
    this.localId = localId;
    this.remoteId = remoteId;
    this.#outbox = outbox;
  }

  /** Returns false when the peer sent more than is kept. */
  deliver(event: SignalingEvent): boolean {
    return this.#inbox.push(event);
  }

  async send(signal: Signal): Promise<void> {
    if (this.#inbox.ended) throw new ConicError("closed", "the call is over");
    const message = signalToMessage(signal, this.localId, this.remoteId);
    await this.#outbox.send({ ...message, id: signalCorrelationId });
  }

  [Symbol.asyncIterator](): AsyncIterator<SignalingEvent, undefined> {
    return this.#inbox[Symbol.asyncIterator]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#inbox.end();
    return Promise.resolve();
  }
}
