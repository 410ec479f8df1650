import type { CandidateKind } from "../agent/types.js";

const typePreference: Readonly<Record<CandidateKind, number>> = {
  host: 126,
  prflx: 110,
  srflx: 100,
  relay: 0,
};

/** RFC 8445 section 5.1.2.1, for the one component that everything is multiplexed on. */
export function candidatePriority(kind: CandidateKind, localPreference: number): number {
  return typePreference[kind] * 2 ** 24 + localPreference * 2 ** 8 + 255;
}

/** Order by the pair priority of RFC 8445 section 6.1.2.3, highest first, without its 64 bits. */
export function comparePriorities(
  a: { readonly controlling: number; readonly controlled: number },
  b: { readonly controlling: number; readonly controlled: number },
): number {
  return (
    Math.min(b.controlling, b.controlled) - Math.min(a.controlling, a.controlled) ||
    Math.max(b.controlling, b.controlled) - Math.max(a.controlling, a.controlled) ||
    Number(b.controlling > b.controlled) - Number(a.controlling > a.controlled)
  );
}
