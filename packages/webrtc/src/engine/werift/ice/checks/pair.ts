import type { Transaction } from "./transactions.js";
import type { Link, RemoteCandidate } from "../agent/types.js";

/** A local base and a remote candidate, what is known of the way between them, and what was carried on it. */
export class Pair {
  readonly link: Link;
  /** Priority of the local candidate. */
  readonly localPriority: number;
  remote: RemoteCandidate;
  state: "waiting" | "checking" | "valid" | "failed" = "waiting";
  check: Transaction | undefined;
  /** By the controlling side, whichever that is. */
  isNominated = false;
  /** When the remote asked for this pair last, in ms of the clock. */
  askedForAt: number | undefined;
  rttMs: number | undefined;
  packetsSent = 0;
  bytesSent = 0;
  packetsReceived = 0;
  bytesReceived = 0;

  constructor(link: Link, localPriority: number, remote: RemoteCandidate) {
    this.link = link;
    this.localPriority = localPriority;
    this.remote = remote;
  }
}
