import type { ErrorCode } from "@conic/domain";
import type { AddressUse } from "./addresses.js";
import type { Limits } from "./options.js";
import { TokenBucket, type BucketSpec } from "./token-bucket.js";

/** Which of the limits of a connection was met. */
export type FrameLimit = "messages" | "bytes" | "address_messages";

/**
 * After a message is refused, all are for this long at least: who is told so can send the refused ones again, in their
 * order, without a later one having passed them on the way.
 */
const minPauseMs = 1_000;

/** What a client may not say, or cannot have meant; it is told, and may not go on like that. */
const invalid: ReadonlySet<ErrorCode> = new Set(["invalid_message", "invalid_id", "forbidden"]);

/** What one connection uses up. Pure: the time is an input. */
export class FrameMeter {
  readonly #limits: Limits;
  readonly address: AddressUse | undefined;
  readonly #messages: TokenBucket | undefined;
  readonly #bytes: TokenBucket | undefined;
  /** A connection may have a limit of its own for frames; a larger one than this must pass some day all the same. */
  readonly #byteBurst: number;
  // Most connections never need these.
  #refused: TokenBucket | undefined;
  #invalid: TokenBucket | undefined;
  #registrations: TokenBucket | undefined;
  #pausedUntilMs = -Infinity;
  #limit: FrameLimit = "messages";
  #lastMs: number;

  /** @param address - shared by the connections of one address, where there are limits for it. */
  constructor(limits: Limits, address: AddressUse | undefined, nowMs: number) {
    const { messages, bytes } = limits;
    this.#limits = limits;
    this.address = address;
    this.#messages = messages && new TokenBucket(messages, nowMs);
    this.#bytes = bytes && new TokenBucket(bytes, nowMs);
    this.#byteBurst = bytes?.burst ?? 0;
    this.#lastMs = nowMs;
  }

  /** Which limit the last refusal was for. */
  get limit(): FrameLimit {
    return this.#limit;
  }

  /** When the last frame came, or the connection opened. */
  get lastMs(): number {
    return this.#lastMs;
  }

  /** Takes a frame of this many bytes, and returns 0; or refuses it, and returns the time to wait in ms. */
  take(bytes: number, nowMs: number): number {
    this.#lastMs = nowMs;
    if (nowMs < this.#pausedUntilMs) return this.#pausedUntilMs - nowMs;
    const shared = this.address?.messages;
    const ofMessages = this.#messages?.missingMs(1, nowMs) ?? 0;
    const cost = Math.min(bytes, this.#byteBurst);
    const ofBytes = this.#bytes?.missingMs(cost, nowMs) ?? 0;
    const ofAddress = shared?.missingMs(1, nowMs) ?? 0;
    if (ofMessages === 0 && ofBytes === 0 && ofAddress === 0) {
      this.#messages?.spend(1);
      this.#bytes?.spend(cost);
      shared?.spend(1);
      return 0;
    }
    return this.#pause(ofMessages, ofBytes, ofAddress, nowMs);
  }

  /** A frame was refused. False when that was one too many. */
  refused(nowMs: number): boolean {
    this.#refused ??= bucket(this.#limits.refused, nowMs);
    return (this.#refused?.take(1, nowMs) ?? 0) === 0;
  }

  /** A message was answered with this error. False when that was one too many. */
  answered(code: ErrorCode, nowMs: number): boolean {
    if (!invalid.has(code)) return true;
    this.#invalid ??= bucket(this.#limits.invalid, nowMs);
    return (this.#invalid?.take(1, nowMs) ?? 0) === 0;
  }

  /** A `register` has come: 0, or the time to wait in ms. */
  register(nowMs: number): number {
    this.#registrations ??= bucket(this.#limits.registrations, nowMs);
    return this.#registrations?.take(1, nowMs) ?? 0;
  }

  #pause(ofMessages: number, ofBytes: number, ofAddress: number, nowMs: number): number {
    const longest = Math.max(ofMessages, ofBytes, ofAddress);
    if (longest === ofMessages) this.#limit = "messages";
    else this.#limit = longest === ofBytes ? "bytes" : "address_messages";
    const waitMs = Math.max(minPauseMs, longest);
    this.#pausedUntilMs = nowMs + waitMs;
    return waitMs;
  }
}

function bucket(spec: BucketSpec | undefined, nowMs: number): TokenBucket | undefined {
  return spec && new TokenBucket(spec, nowMs);
}
