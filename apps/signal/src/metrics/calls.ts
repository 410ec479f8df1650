import { callFailureReasons, type CallFailureReason, type CallOutcome } from "@conic/domain";

export interface CallCount {
  readonly outcome: CallOutcome;
  /** Empty where the call did not fail. */
  readonly reason: CallFailureReason | "";
  readonly calls: number;
}

/** How many calls came out how, as clients say. Every outcome is there from the start, and no other ever. */
export class CallCounts {
  #direct = 0;
  #relayed = 0;
  readonly #failed = new Map<CallFailureReason, number>();

  constructor() {
    for (const reason of callFailureReasons) this.#failed.set(reason, 0);
  }

  add(outcome: CallOutcome, reason: CallFailureReason = "other"): void {
    if (outcome === "direct") this.#direct += 1;
    else if (outcome === "relayed") this.#relayed += 1;
    else this.#failed.set(reason, (this.#failed.get(reason) ?? 0) + 1);
  }

  counts(): CallCount[] {
    return [
      { outcome: "direct", reason: "", calls: this.#direct },
      { outcome: "relayed", reason: "", calls: this.#relayed },
      ...Array.from(this.#failed, ([reason, calls]): CallCount => ({
        outcome: "failed",
        reason,
        calls,
      })),
    ];
  }
}
