import { isCallFailureReason, type CallFailureReason, type ConicError } from "@conic/domain";

/** `why` of an event, where a call failed or was lost. */
export function whyOf(error: ConicError | undefined): { readonly why?: CallFailureReason } {
  const reason = error?.details["reason"];
  return isCallFailureReason(reason) ? { why: reason } : {};
}
