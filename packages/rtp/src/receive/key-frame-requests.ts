const intervalMs = 500;
/** Requests without a packet in between, after which there is no use in another. */
const maxUnanswered = 10;

/** Asks for a key frame until one comes. */
export class KeyFrameRequests {
  readonly #ask: (now: number) => void;
  /** Whether the packets of one are coming in. */
  readonly #isComing: () => boolean;
  #wanted = false;
  #askAt = Number.NEGATIVE_INFINITY;
  #unanswered = 0;

  constructor(ask: (now: number) => void, isComing: () => boolean) {
    this.#ask = ask;
    this.#isComing = isComing;
  }

  get nextTimeout(): number | undefined {
    return this.#wanted && this.#unanswered < maxUnanswered ? this.#askAt : undefined;
  }

  want(now: number): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#askAt = Math.max(this.#askAt, now);
    this.advance(now);
  }

  onPacket(): void {
    this.#unanswered = 0;
  }

  onKeyFrame(): void {
    this.#wanted = false;
  }

  advance(now: number): void {
    const at = this.nextTimeout;
    if (at === undefined || now < at) return;
    this.#askAt = now + intervalMs;
    if (this.#isComing()) return;
    this.#unanswered += 1;
    this.#ask(now);
  }
}
