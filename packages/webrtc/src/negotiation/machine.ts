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
 * | running answer   | failed             | stable           | send a rollback                       |
 * | have-local-offer | rollback           | refused          | none                                  |
 * | running accept   | failed             | refused          | none                                  |
 * | have-local-offer | unanswered         | refused          | none                                  |
 *
 * A refused offer is one that the remote could not use, or answered with something that we cannot use, or that was
 * given up: it may have got lost. The remote
 * is stable then, so its next offer is no glare and our next change may be offered.
 */
export interface NegotiationState {
  readonly polite: boolean;
  readonly signaling: "stable" | "have-local-offer";
  /** The local offer will not be answered any more, or was answered in vain. */
  readonly refused: boolean;
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
  /** The last remote description was ignored or failed: candidates without a fragment belong to it. */
  readonly remoteSkipped: boolean;
}

export type NegotiationInput =
  | { readonly type: "needed" }
  | { readonly type: "signal"; readonly signal: Signal }
  /** The running operation succeeded; `needed` tells whether local changes are left that it did not cover. */
  | { readonly type: "done"; readonly description?: SessionDescription; readonly needed: boolean }
  | { readonly type: "failed" }
  /** No answer to the local offer came, or will come: it may be made again. */
  | { readonly type: "unanswered" };

export type NegotiationEffect =
  | { readonly type: "offer" }
  | { readonly type: "answer"; readonly offer: SessionDescription }
  | { readonly type: "accept"; readonly answer: SessionDescription }
  | { readonly type: "send"; readonly description: SessionDescription }
  | { readonly type: "addCandidate"; readonly candidate: IceCandidate }
  | { readonly type: "refused" }
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
    refused: false,
    running: "none",
    needed: false,
    remote: undefined,
    applying: undefined,
    inbox: [],
    candidates: [],
    remoteSkipped: false,
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
    case "unanswered": {
      const isOpen = state.signaling === "have-local-offer" && state.running === "none";
      return proceed(isOpen ? { ...state, refused: true } : state, []);
    }
  }
}

function onSignal(state: NegotiationState, signal: Signal): NegotiationStep {
  if (state.inbox.length >= maxQueuedSignals) {
    const what = signal.kind;
    return { state, effects: [{ type: "dropped", what, why: "too many signals wait" }] };
  }
  return proceed({ ...state, inbox: [...state.inbox, signal] }, []);
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
      return proceed({ ...idle, signaling: "have-local-offer", refused: false }, effects);
    }
    case "answer": {
      const effects = description === undefined ? [] : [{ type: "send", description } as const];
      return applied({ ...idle, signaling: "stable", needed }, state.applying, effects);
    }
    case "accept":
      return applied({ ...idle, signaling: "stable", needed }, state.applying, []);
  }
}

/**
 * A remote description is in force: the candidates that waited for it go to the engine. One that names another
 * fragment goes on waiting, for a rollback at the remote may bring that fragment back.
 */
function applied(
  state: NegotiationState,
  remote: SessionDescription | undefined,
  before: readonly NegotiationEffect[],
): NegotiationStep {
  const effects = [...before];
  const candidates: IceCandidate[] = [];
  for (const candidate of state.candidates) {
    if (remote !== undefined && belongsTo(candidate, remote)) {
      effects.push({ type: "addCandidate", candidate });
    } else candidates.push(candidate);
  }
  return proceed({ ...state, remote, candidates, remoteSkipped: false, refused: false }, effects);
}

function onFailed(state: NegotiationState): NegotiationStep {
  const idle = { ...state, running: "none", applying: undefined } as const;
  switch (state.running) {
    case "none":
    case "offer":
      return proceed(idle, []);
    case "accept":
      return proceed({ ...idle, refused: true, remoteSkipped: true }, []);
    case "answer": {
      // The attempt may have cost us our own offer, so make it again; but not one that the remote refused: two
      // sides that cannot use each other's offers would go on for ever.
      const lostOffer = state.signaling === "have-local-offer" && !state.refused;
      const needed = state.needed || lostOffer;
      const rollback: SessionDescription = { type: "rollback", sdp: "" };
      return proceed(
        { ...idle, signaling: "stable", refused: false, remoteSkipped: true, needed },
        [{ type: "send", description: rollback }],
      );
    }
  }
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
  const mayOffer = state.signaling === "stable" || state.refused;
  if (state.running === "none" && mayOffer && state.needed) {
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
      if (!state.polite && state.signaling === "have-local-offer" && !state.refused) {
        return { state: { ...state, remoteSkipped: true }, effects: [] };
      }
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
    case "rollback":
      if (state.signaling !== "have-local-offer") {
        return dropDescription(state, "a rollback without an offer");
      }
      return { state: { ...state, refused: true }, effects: [{ type: "refused" }] };
    case "pranswer":
      return dropDescription(state, "a provisional answer");
  }
}

function dropDescription(state: NegotiationState, why: string): NegotiationStep {
  return { state, effects: [{ type: "dropped", what: "description", why }] };
}

function takeCandidate(state: NegotiationState, candidate: IceCandidate): NegotiationStep {
  const { remote } = state;
  const named = typeof candidate.usernameFragment === "string";
  if (remote !== undefined && belongsTo(candidate, remote) && (named || !state.remoteSkipped)) {
    return { state, effects: [{ type: "addCandidate", candidate }] };
  }
  const waiting = [...state.candidates, candidate];
  if (waiting.length <= maxQueuedSignals) {
    return { state: { ...state, candidates: waiting }, effects: [] };
  }
  // The oldest is the least likely to be of use still.
  return {
    state: { ...state, candidates: waiting.slice(1) },
    effects: [{ type: "dropped", what: "candidate", why: "too many candidates wait" }],
  };
}

function belongsTo(candidate: IceCandidate, remote: SessionDescription): boolean {
  const { usernameFragment } = candidate;
  return typeof usernameFragment !== "string" || hasUfrag(remote, usernameFragment);
}
