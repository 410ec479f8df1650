import type { TransportAddress } from "../stun/address.js";

/** Where datagrams leave from and arrive: a socket of this host, or an allocation of a relay. */
export interface Link {
  readonly kind: "host" | "relay";
  /** Address that the remote sees when nothing on the way translates it. */
  readonly base: TransportAddress;
  /** Sends now, or loses it. Never throws. */
  send(datagram: Uint8Array | readonly Uint8Array[], to: TransportAddress): void;
  /** Idempotent; nothing is received any more once this was called. */
  close(): Promise<void>;
}

/** RFC 8445 section 5.3. */
export interface Credentials {
  readonly ufrag: string;
  readonly password: string;
}

export type CandidateKind = "host" | "srflx" | "prflx" | "relay";

export interface RemoteCandidate extends TransportAddress {
  readonly kind: CandidateKind;
  readonly priority: number;
}

export type RandomBytes = (bytes: number) => Buffer;
