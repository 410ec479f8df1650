/** Frames after which the other end is told at once (docs/protocol.md, "Sessions"). */
export const ackIntervalFrames = 32;
/** Time after which it is told of fewer. */
export const ackIntervalMs = 1000;

/**
 * Counts the frames of a session that one side has received, and says when the other is to be told. Pure: whoever
 * drives it keeps the time.
 *
 * ```
 * nothing owed --count()--> "later"     the driver tells within ackIntervalMs
 * owed         --count()--> "pending"   it is going to
 * 32 owed      -----------> "now"
 * any          --tell()---> nothing owed
 * ```
 */
export class Acknowledger {
  #received = 0;
  #told = 0;

  /** Frames received in this session. */
  get received(): number {
    return this.#received;
  }

  /** Whether there is something to tell. */
  get owes(): boolean {
    return this.#received > this.#told;
  }

  /** One more frame: when to tell. */
  count(): "now" | "later" | "pending" {
    this.#received += 1;
    const owed = this.#received - this.#told;
    if (owed >= ackIntervalFrames) return "now";
    return owed === 1 ? "later" : "pending";
  }

  /** The number to tell; it counts as told. */
  tell(): number {
    this.#told = this.#received;
    return this.#received;
  }

  /** A new session: nothing was received in it. */
  reset(): void {
    this.#received = 0;
    this.#told = 0;
  }
}
