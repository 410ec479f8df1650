import type { IceCandidate, SessionDescription, Signal } from "@conic/domain";
import { hasUfrag } from "./session.js";

/**
 * Perfect negotiation (W3C WebRTC section 10.7) as a pure machine: inputs in, effects out, no clock and no promise.
 *
 * One engine operation runs at a time; remote descriptions wait for it in `inbox`. On glare the impolite side
 * ignores the other's offer and the polite side gives up its own. Candidates never overtake their description.
 *
 * | state            | input              | next             | effects                               |
 * |------------------|--------------------|------------------|---------------------------------------|
 * | stable           | needed             | running offer    | offer                                 |
 * | running offer    | done               | have-local-offer | send the offer                        |
 * | have-local-offer | answer             | running accept   | accept                                |
 * | running accept   | done               | stable           | queued candidates                     |
 * | stable           | offer              | running answer   | answer                                |
 * | running answer   | done               | stable           | send the answer, queued candidates    |
 * | glare, polite    | offer              | running answer   | answer (the engine rolls back its own) |
 * | glare, impolite  | offer              | unchanged        | none; its candidates wait             |
 */
export interface NegotiationState {
  readonly polite: boolean;
  readonly signaling: "stable" | "have-local-offer";
  readonly running: "none" | "offer" | "answer" | "accept";
  /** A local change waits for an offer. */
  readonly needed: boolean;
  /** The remote description in force. */
  readonly remote: SessionDescription | undefined;
  /** The description that the running operation applies. */
  readonly applying: SessionDescription | undefined;
  /** Remote signals that wait for the running operation, in order. */
  readonly inbox: readonly Signal[];
  /** Candidates that wait for their description. */
  readonly candidates: readonly IceCandidate[];
  /** The last remote offer was ignored: candidates without a fragment belong to it. */
  readonly ignoredOffer: boolean;
}

export type NegotiationInput =
  | { readonly type: "needed" }
  | { readonly type: "signal"; readonly signal: Signal }
  /** The running operation succeeded; `needed` tells whether local changes are left that it did not cover. */
  | { readonly type: "done"; readonly description?: SessionDescription; readonly needed: boolean }
  | { readonly type: "failed" };

export type NegotiationEffect =
  | { readonly type: "offer" }
  | { readonly type: "answer"; readonly offer: SessionDescription }
  | { readonly type: "accept"; readonly answer: SessionDescription }
  | { readonly type: "send"; readonly description: SessionDescription }
  | { readonly type: "addCandidate"; readonly candidate: IceCandidate }
  | { readonly type: "dropped"; readonly what: "candidate" | "description"; readonly why: string };

export interface NegotiationStep {
  readonly state: NegotiationState;
  readonly effects: readonly NegotiationEffect[];
}

/** Remote signals that wait at most. A peer sends a few dozen; more is an attack. */
export const maxQueuedSignals = 256;

export function initialNegotiationState(polite: boolean): NegotiationState {
  return {
    polite,
    signaling: "stable",
    running: "none",
    needed: false,
    remote: undefined,
    applying: undefined,
    inbox: [],
    candidates: [],
    ignoredOffer: false,
  };
}

export function stepNegotiation(state: NegotiationState, input: NegotiationInput): NegotiationStep {
  switch (input.type) {
    case "needed":
      return proceed({ ...state, needed: true }, []);
    case "signal":
      return onSignal(state, input.signal);
    case "done":
      return onDone(state, input.description, input.needed);
    case "failed":
      return onFailed(state);
  }
}

function onSignal(state: NegotiationState, signal: Signal): NegotiationStep {
  if (isIgnoredGlare(state, signal)) {
    return { state: { ...state, ignoredOffer: true }, effects: [] };
  }
  if (state.inbox.length >= maxQueuedSignals) {
    const what = signal.kind;
    return { state, effects: [{ type: "dropped", what, why: "too many signals wait" }] };
  }
  return proceed({ ...state, inbox: [...state.inbox, signal] }, []);
}

/** Decided when the offer arrives, not when its turn comes: by then our own offer may be answered. */
function isIgnoredGlare(state: NegotiationState, signal: Signal): boolean {
  if (state.polite || signal.kind !== "description" || signal.description.type !== "offer") {
    return false;
  }
  const answerIsHere =
    state.running === "accept" ||
    state.inbox.some((s) => s.kind === "description" && s.description.type === "answer");
  if (answerIsHere) return false;
  return state.running === "offer" || state.signaling === "have-local-offer";
}

function onDone(
  state: NegotiationState,
  description: SessionDescription | undefined,
  needed: boolean,
): NegotiationStep {
  const idle = { ...state, running: "none", applying: undefined } as const;
  switch (state.running) {
    case "none":
      return { state, effects: [] };
    case "offer": {
      const effects = description === undefined ? [] : [{ type: "send", description } as const];
      return proceed({ ...idle, signaling: "have-local-offer", needed: false }, effects);
    }
    case "answer": {
      const effects = description === undefined ? [] : [{ type: "send", description } as const];
      return applied({ ...idle, signaling: "stable", needed }, state.applying, effects);
    }
    case "accept":
      return applied({ ...idle, signaling: "stable", needed }, state.applying, []);
  }
}

/** A remote description is in force: the candidates that waited for it go to the engine, stale ones are dropped. */
function applied(
  state: NegotiationState,
  remote: SessionDescription | undefined,
  before: readonly NegotiationEffect[],
): NegotiationStep {
  const effects = [...before];
  for (const candidate of state.candidates) {
    if (remote !== undefined && belongsTo(candidate, remote)) {
      effects.push({ type: "addCandidate", candidate });
    } else {
      effects.push({ type: "dropped", what: "candidate", why: "its description was replaced" });
    }
  }
  return proceed({ ...state, remote, candidates: [], ignoredOffer: false }, effects);
}

function onFailed(state: NegotiationState): NegotiationStep {
  // After a failed accept our offer is still open; a failed answer may have cost us our own offer, so make it again.
  const signaling = state.running === "accept" ? state.signaling : "stable";
  const lostOffer = state.running === "answer" && state.signaling === "have-local-offer";
  const needed = state.needed || lostOffer;
  return proceed({ ...state, running: "none", applying: undefined, signaling, needed }, []);
}

/** Takes what can be taken now: queued signals first, then an own offer. */
function proceed(start: NegotiationState, before: readonly NegotiationEffect[]): NegotiationStep {
  const effects = [...before];
  let state = start;
  while (state.running === "none") {
    const [signal, ...inbox] = state.inbox;
    if (signal === undefined) break;
    const step = take({ ...state, inbox }, signal);
    state = step.state;
    effects.push(...step.effects);
  }
  if (state.running === "none" && state.signaling === "stable" && state.needed) {
    state = { ...state, running: "offer", needed: false };
    effects.push({ type: "offer" });
  }
  return { state, effects };
}

function take(state: NegotiationState, signal: Signal): NegotiationStep {
  if (signal.kind === "candidate") return takeCandidate(state, signal.candidate);
  const { description } = signal;
  switch (description.type) {
    case "offer":
      return {
        state: { ...state, running: "answer", applying: description },
        effects: [{ type: "answer", offer: description }],
      };
    case "answer":
      if (state.signaling !== "have-local-offer") {
        return dropDescription(state, "an answer without an offer");
      }
      return {
        state: { ...state, running: "accept", applying: description },
        effects: [{ type: "accept", answer: description }],
      };
    case "pranswer":
    case "rollback":
      return dropDescription(state, `a description of type ${description.type}`);
  }
}

function dropDescription(state: NegotiationState, why: string): NegotiationStep {
  return { state, effects: [{ type: "dropped", what: "description", why }] };
}

function takeCandidate(state: NegotiationState, candidate: IceCandidate): NegotiationStep {
  const { remote } = state;
  const named = typeof candidate.usernameFragment === "string";
  if (remote !== undefined && belongsTo(candidate, remote) && (named || !state.ignoredOffer)) {
    return { state, effects: [{ type: "addCandidate", candidate }] };
  }
  if (state.candidates.length >= maxQueuedSignals) {
    return {
      state,
      effects: [{ type: "dropped", what: "candidate", why: "too many candidates wait" }],
    };
  }
  return { state: { ...state, candidates: [...state.candidates, candidate] }, effects: [] };
}

function belongsTo(candidate: IceCandidate, remote: SessionDescription): boolean {
  const { usernameFragment } = candidate;
  return typeof usernameFragment !== "string" || hasUfrag(remote, usernameFragment);
}
