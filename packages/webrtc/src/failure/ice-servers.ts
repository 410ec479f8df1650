import { ConicError } from "@conic/domain";
import type { IceServerError } from "../engine/port.js";

/** RFC 8489 section 14.8, RFC 8656 section 19, and 701 of W3C WebRTC section 4.8.2; each with what to do. */
const meanings: Readonly<Record<number, string>> = {
  300: "it names another server; put that one into iceServers",
  400: "it takes the request for a bad one; check that it is a TURN server",
  401: "the credentials are wrong or have expired; check username, credential and the clocks",
  403: "it forbids this use; check its rules for peers and clients",
  437: "it holds an allocation of this address already; try again in a moment",
  438: "it does not take its own nonce; try again in a moment",
  440: "it has no address of that family",
  441: "the allocation belongs to other credentials; try again in a moment",
  442: "it relays no UDP",
  443: "it relays for no peer of that address family",
  486: "the quota of this user is used up; close other connections, or raise the quota",
  500: "it has a fault; try again in a moment",
  508: "it has no capacity left; try again later, or name another server",
  701: "it does not answer; check its host, its port and the firewall on the way",
};

/** In words that say what to do. */
export function explainServerError({ url, errorCode }: IceServerError): string {
  const meaning = meanings[errorCode] ?? "look the code up in its log";
  return errorCode === 701
    ? `the TURN server ${url} cannot be used: ${meaning}`
    : `the TURN server ${url} refused with ${errorCode}: ${meaning}`;
}

/** What the connection survives as long as there are other ways. */
export function serverError(error: IceServerError): ConicError {
  return new ConicError("connection_failed", explainServerError(error), {
    details: { turnErrorCode: error.errorCode },
  });
}
