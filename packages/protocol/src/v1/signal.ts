import type { ClientId, Signal } from "@conic/domain";
import { decodeCandidate, encodeCandidate } from "./candidate.js";
import type { ServerMessage } from "./messages.js";

/** A message that carries a {@link Signal}. It is complete: a client may send it, a server may forward it. */
export type SignalMessage = ServerMessage<"sdp" | "candidate">;

export function signalToMessage(signal: Signal, from: ClientId, to: ClientId): SignalMessage {
  const ids = { ID: from, TargetID: to };
  return signal.kind === "description"
    ? { type: "sdp", body: { ...ids, SessionDescription: signal.description } }
    : { type: "candidate", body: { ...ids, Candidate: encodeCandidate(signal.candidate) } };
}

/** @throws ConicError `invalid_message` when the candidate cannot be read. */
export function messageToSignal(message: SignalMessage): Signal {
  return message.type === "sdp"
    ? { kind: "description", description: message.body.SessionDescription }
    : { kind: "candidate", candidate: decodeCandidate(message.body.Candidate) };
}
