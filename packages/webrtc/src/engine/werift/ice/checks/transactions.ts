import type { Clock } from "@conic/domain";
import type { TransportAddress } from "../stun/address.js";
import { encodeStun, type ReceivedStunMessage, type StunMessage } from "../stun/message.js";
import type { Link, RandomBytes } from "../agent/types.js";

export interface TransactionOutcome {
  readonly response: ReceivedStunMessage;
  /** Unknown after a repetition: it cannot be told which request was answered. */
  readonly rttMs: number | undefined;
}

export interface TransactionRequest {
  readonly link: Link;
  readonly to: TransportAddress;
  readonly message: Omit<StunMessage, "class" | "transactionId">;
  /** Signs the request, and has to have signed the response. */
  readonly password?: string;
  /** One request is sent per entry; the time in ms to wait after each. */
  readonly waitsMs: readonly number[];
  /** Called once, with nothing after the last wait; never after a cancellation. */
  done(outcome: TransactionOutcome | undefined): void;
}

export interface Transaction {
  cancel(): void;
  /** Sends once more now, unless it did within `unlessWithinMs`. */
  repeat(unlessWithinMs: number): void;
}

interface Running {
  readonly request: TransactionRequest;
  readonly bytes: Buffer;
  sent: number;
  sentAt: number;
  cancelTimer: () => void;
}

/** STUN requests that wait for their responses (RFC 8489 section 6.2.1), each repeated at times of its own. */
export class Transactions {
  readonly #clock: Clock;
  readonly #random: RandomBytes;
  readonly #running = new Map<string, Running>();

  constructor(clock: Clock, random: RandomBytes) {
    this.#clock = clock;
    this.#random = random;
  }

  get size(): number {
    return this.#running.size;
  }

  start(request: TransactionRequest): Transaction {
    const transactionId = this.#random(12);
    const id = transactionId.toString("latin1");
    const message = { ...request.message, class: "request", transactionId } as const;
    const running: Running = {
      request,
      bytes: encodeStun(message, request.password),
      sent: 0,
      sentAt: 0,
      cancelTimer: () => undefined,
    };
    this.#running.set(id, running);
    this.#send(id, running);
    return {
      cancel: () => {
        running.cancelTimer();
        this.#running.delete(id);
      },
      repeat: (unlessWithinMs) => {
        if (!this.#running.has(id) || this.#clock.now() - running.sentAt < unlessWithinMs) return;
        this.#put(running);
        // Whichever of the two is answered.
        running.sent = Math.max(running.sent, 2);
      },
    };
  }

  #send(id: string, running: Running): void {
    const waitMs = running.request.waitsMs[running.sent];
    if (waitMs === undefined) {
      this.#running.delete(id);
      running.request.done(undefined);
      return;
    }
    running.sent += 1;
    running.cancelTimer = this.#clock.schedule(waitMs, () => {
      this.#send(id, running);
    });
    this.#put(running);
  }

  #put(running: Running): void {
    running.sentAt = this.#clock.now();
    running.request.link.send(running.bytes, running.request.to);
  }

  /** Whatever is not the authentic answer of whom was asked leaves the transaction waiting. */
  receive(link: Link, response: ReceivedStunMessage, from: TransportAddress): void {
    const id = response.transactionId.toString("latin1");
    const running = this.#running.get(id);
    if (running === undefined) return;
    const { request } = running;
    if (request.link !== link) return;
    if (request.to.port !== from.port || request.to.address !== from.address) return;
    if (request.password !== undefined && !response.isBy(request.password)) return;
    running.cancelTimer();
    this.#running.delete(id);
    const rttMs = running.sent === 1 ? this.#clock.now() - running.sentAt : undefined;
    request.done({ response, rttMs });
  }

  cancelAll(): void {
    for (const { cancelTimer } of this.#running.values()) cancelTimer();
    this.#running.clear();
  }
}
