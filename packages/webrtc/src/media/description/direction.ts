import type { MediaDirection } from "./slot.js";

export function sends(direction: MediaDirection | undefined): boolean {
  return direction === "sendrecv" || direction === "sendonly";
}

export function receives(direction: MediaDirection | undefined): boolean {
  return direction === "sendrecv" || direction === "recvonly";
}

export function directionOf(isSending: boolean, isReceiving: boolean): MediaDirection {
  if (isSending) return isReceiving ? "sendrecv" : "sendonly";
  return isReceiving ? "recvonly" : "inactive";
}

/** The same as the other side sees it. */
export function reversed(direction: MediaDirection): MediaDirection {
  return directionOf(receives(direction), sends(direction));
}

/** What both allow, each seen from the same side. */
export function common(a: MediaDirection, b: MediaDirection): MediaDirection {
  return directionOf(sends(a) && sends(b), receives(a) && receives(b));
}
