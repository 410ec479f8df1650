import { callFailureReasons, type CallFailureReason, type CallOutcome } from "@conic/domain";
import { Counter, type Registry } from "prom-client";

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

/** `conic_calls_total`: of the clients' calls, not of this server, so without its prefix. */
export function addCalls(to: Registry, counted: CallCounts): void {
  const made: Counter = new Counter({
    name: "conic_calls_total",
    help: "Calls that clients made, and how they came out: as their callers say, which is not proved",
    labelNames: ["outcome", "reason"],
    registers: [to],
    collect: () => {
      made.reset();
      for (const { outcome, reason, calls } of counted.counts())
        made.inc({ outcome, reason }, calls);
    },
  });
}
