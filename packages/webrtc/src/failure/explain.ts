import { ConicError, type CallFailureReason, type ClientId, type ErrorCode } from "@conic/domain";
import type { EngineProgress, IceServerError } from "../engine/port.js";
import { explainServerError } from "./ice-servers.js";

/** What is known of a connection that does not come up. */
export interface SetUpFacts {
  readonly progress: EngineProgress;
  /** A description waits for the signaling server to take it. */
  readonly isWaitingForServer: boolean;
  /** The remote has told its description. */
  readonly isDescribed: boolean;
}

/** What is known of a connection whose path is dead. */
export interface LossFacts {
  readonly serverErrors: readonly IceServerError[];
  readonly isWaitingForServer: boolean;
  /** The signaling server knows the peer no longer. */
  readonly isPeerGone: boolean;
  /** The peer took part in a search for another path since. */
  readonly hasPeerAnswered: boolean;
}

/** Why a connection failed: the reason, and a sentence on what to do. */
export interface Explanation {
  readonly reason: CallFailureReason;
  readonly text: string;
  readonly turnErrorCode: number | undefined;
}

function explanation(
  reason: CallFailureReason,
  text: string,
  servers: readonly IceServerError[] = [],
): Explanation {
  const [first] = servers;
  const sentences = [text, ...servers.map(explainServerError)].join("; ");
  return { reason, text: sentences, turnErrorCode: first?.errorCode };
}

const serverAway =
  "the signaling server did not take what there was to tell: check that it runs and can be reached";

/** How far it has come says what it came no further for. */
export function explainSetUp(peer: ClientId, facts: SetUpFacts): Explanation {
  const { progress, isWaitingForServer, isDescribed } = facts;
  if (progress.hasPath) {
    return explanation(
      "dtls",
      `a path to ${peer} was found, and the DTLS handshake on it came to nothing: try again, and look for a firewall that drops DTLS`,
    );
  }
  if (progress.hasGathered && !progress.hasCandidates) {
    return explanation(
      "no_candidates",
      `nothing to be reached at by ${peer}: this host needs a network, or a TURN server that gives it a relay (iceServers)`,
      progress.serverErrors,
    );
  }
  if (isWaitingForServer) return explanation("server_unreachable", serverAway);
  if (!isDescribed) {
    return explanation("timeout", `${peer} did not answer: somebody has to take the call there`);
  }
  return explanation(
    "no_candidate_pair",
    `no network path to ${peer}: a STUN or TURN server may be needed (iceServers)`,
    progress.serverErrors,
  );
}

/** The restarts of ICE that were tried meanwhile show who was still there. */
export function explainLoss(peer: ClientId, facts: LossFacts): Explanation {
  const lost = `the connection to ${peer} was lost`;
  if (facts.isWaitingForServer) {
    return explanation("server_unreachable", `${lost}, and ${serverAway}`);
  }
  if (facts.hasPeerAnswered) {
    return explanation(
      "no_candidate_pair",
      `${lost}, and no other network path was found: a TURN server may be needed (iceServers)`,
      facts.serverErrors,
    );
  }
  if (facts.isPeerGone) {
    return explanation("peer_gone", `${lost}, and the signaling server does not know it any more`);
  }
  return explanation("timeout", `${lost}: nothing comes from it, call it again`);
}

export function explained<C extends ErrorCode>(
  code: C,
  { reason, text, turnErrorCode }: Explanation,
): ConicError<C> {
  const turn = turnErrorCode === undefined ? {} : { turnErrorCode };
  return new ConicError(code, text, { details: { reason, ...turn } });
}
