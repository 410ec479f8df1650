import type { RttEstimator } from "../send/rtt.js";
import { chunkType } from "../wire/constants.js";
import { viewOf, writeChunk } from "../wire/parameters.js";

const maxAttempts = 8;

/** Ending an association in an orderly way (RFC 9260 section 9.2). */
export class Shutdown {
  readonly #rtt: RttEstimator;
  #step: "none" | "pending" | "sent" | "received" | "ackSent" | "complete" = "none";
  #timeoutAt: number | undefined;
  #attempts = 0;
  #due = false;

  constructor(rtt: RttEstimator) {
    this.#rtt = rtt;
  }

  get nextTimeout(): number | undefined {
    return this.#timeoutAt;
  }

  get hasFailed(): boolean {
    return this.#attempts > maxAttempts;
  }

  /** Whether the last chunk of the exchange has been taken for sending. */
  get isComplete(): boolean {
    return this.#step === "complete" && !this.#due;
  }

  /** Whether the remote has said that it is done, and this side too. */
  get isAgreed(): boolean {
    return this.#step === "ackSent" || this.#step === "complete";
  }

  /** Data still goes out until this side has said that it is done. */
  get allowsData(): boolean {
    return this.#step === "none" || this.#step === "pending" || this.#step === "received";
  }

  start(): void {
    if (this.#step === "none") this.#step = "pending";
  }

  onShutdown(): void {
    if (this.#step === "none" || this.#step === "pending") this.#step = "received";
    // Both sides at once (RFC 9260 section 9.2): each answers the other.
    else if (this.#step === "sent") this.#go("ackSent");
    else if (this.#step === "ackSent") this.#due = true;
  }

  onShutdownAck(): void {
    if (this.#step === "sent" || this.#step === "ackSent") this.#go("complete");
  }

  advance(now: number): void {
    if (this.#timeoutAt === undefined || this.#timeoutAt > now) return;
    this.#timeoutAt = undefined;
    this.#attempts += 1;
    this.#rtt.onTimeout();
    this.#due = true;
  }

  /** @param isIdle - Whether everything that was sent is delivered. */
  take(now: number, isIdle: boolean, cumulativeTsn: number): readonly Uint8Array[] {
    if (this.#step === "none") return [];
    if (isIdle && this.#step === "pending") this.#go("sent");
    else if (isIdle && this.#step === "received") this.#go("ackSent");
    if (!this.#due) return [];
    this.#due = false;
    this.#timeoutAt = this.#step === "complete" ? undefined : now + this.#rtt.answerTimeout;
    switch (this.#step) {
      case "sent": {
        const value = new Uint8Array(4);
        viewOf(value).setUint32(0, cumulativeTsn);
        return [writeChunk(chunkType.shutdown, 0, value)];
      }
      case "ackSent":
        return [writeChunk(chunkType.shutdownAck, 0)];
      case "complete":
        return [writeChunk(chunkType.shutdownComplete, 0)];
      case "pending":
      case "received":
        return [];
    }
  }

  #go(step: "sent" | "ackSent" | "complete"): void {
    this.#step = step;
    this.#due = true;
  }
}
