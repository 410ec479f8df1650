import type { Clock, ConicError } from "@conic/domain";
import type { ClientMessage } from "@conic/protocol";

/** Messages on their way to a server that has refused some of late: few enough that it does not lose patience. */
const cautiousMessages = 32;
/** How long caution lasts. */
const cautiousMs = 60_000;
const separator = "#";

/**
 * How fast the server wants to be sent to (docs/protocol.md, rule 7 of "Rules"): while it refuses messages, none is
 * sent; then those that it refused, in their order, and fewer at once for a while.
 */
export class Pace {
  readonly #clock: Clock;
  readonly #onResume: () => void;
  #refused: ClientMessage[] = [];
  #cancelTimer: (() => void) | undefined;
  #cautiousUntilMs = -Infinity;
  #count = 0;

  /** @param onResume - messages may be sent again, those of `takeRefused` first. */
  constructor(clock: Clock, onResume: () => void) {
    this.#clock = clock;
    this.#onResume = onResume;
  }

  /** Messages that may be on their way at once. */
  window(most: number): number {
    if (this.#cancelTimer !== undefined) return 0;
    return this.#clock.now() < this.#cautiousUntilMs ? Math.min(most, cautiousMessages) : most;
  }

  /** The message with an id that no other has: a refusal says which one it is for. */
  mark(message: ClientMessage): ClientMessage {
    if (!("TargetID" in message.body)) return message;
    this.#count += 1;
    return { ...message, id: `${message.id ?? ""}${separator}${this.#count}` };
  }

  /** The server has refused this one for now. */
  refuse(message: ClientMessage, retryAfterMs: number): void {
    this.#refused.push(message);
    this.#cautiousUntilMs = this.#clock.now() + retryAfterMs + cautiousMs;
    this.#cancelTimer ??= this.#clock.schedule(retryAfterMs, () => {
      this.#cancelTimer = undefined;
      this.#onResume();
    });
  }

  takeRefused(): ClientMessage[] {
    return this.#refused.splice(0);
  }

  close(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#refused = [];
  }
}

/** The id that the message had before it was marked; undefined for none. */
export function unmarked(id: string): string | undefined {
  const end = id.lastIndexOf(separator);
  const before = end < 0 ? id : id.slice(0, end);
  return before === "" ? undefined : before;
}

/** The time to wait, where the server has refused a message for now, and none otherwise. */
export function retryAfter({ code, details }: ConicError): number | undefined {
  const { retryAfterMs } = details;
  return code === "rate_limited" && typeof retryAfterMs === "number" ? retryAfterMs : undefined;
}
