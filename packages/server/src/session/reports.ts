import {
  ConicError,
  isCallFailureReason,
  type CallFailureReason,
  type CallOutcome,
} from "@conic/domain";
import { requireOwnId, type Handlers } from "@conic/protocol";
import { requirePermission } from "../access/grant.js";
import { requireHolding } from "../registry/registrar.js";
import type { Peer } from "./peer.js";

export interface ReportSetup {
  readonly isOn: boolean;
  readonly calls: {
    callReported(outcome: CallOutcome, reason: CallFailureReason | undefined): void;
  };
}

/**
 * Takes what clients say of their calls (docs/protocol.md, "Reports"): counted, never forwarded, and believed as far as
 * a client can be.
 */
export function reportHandler({ isOn, calls }: ReportSetup): Handlers<Peer>["report"] {
  return ({ message }, peer) => {
    const { ID, Outcome, Reason } = message.body;
    requireOwnId(ID, requireHolding(peer).id);
    if (!isOn) {
      const text = "this server takes no reports; send them where register_response has Reports";
      throw new ConicError("unsupported_type", text);
    }
    requirePermission(peer.access, "call");
    calls.callReported(Outcome, Outcome === "failed" ? known(Reason) : undefined);
  };
}

/** A newer client may know more reasons; a closed list makes no time series of what anybody writes. */
function known(reason: string | undefined): CallFailureReason {
  return isCallFailureReason(reason) ? reason : "other";
}
