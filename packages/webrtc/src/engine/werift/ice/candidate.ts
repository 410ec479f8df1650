import type { IceCandidate } from "@conic/domain";

type LooseCandidate = { [K in keyof IceCandidate]: IceCandidate[K] | undefined } & {
  candidate: string;
};

/** The candidate without fields that werift leaves undefined, which exact optional types do not allow. */
export function definedOnly(loose: LooseCandidate): IceCandidate {
  const { candidate, sdpMid, sdpMLineIndex, usernameFragment } = loose;
  return {
    candidate,
    ...(sdpMid === undefined ? {} : { sdpMid }),
    ...(sdpMLineIndex === undefined ? {} : { sdpMLineIndex }),
    ...(usernameFragment === undefined ? {} : { usernameFragment }),
  };
}
