import type { IceCandidate, SessionDescription } from "@conic/domain";
import type { LocalTrackIds, MediaKind, MediaSlot } from "./slot.js";

export interface MediaNegotiationOptions {
  /** Uniform in 0 .. 2^32 - 1; for SSRCs. */
  randomUint32(): number;
  /** A token of at least 64 random bits; for the CNAME (RFC 7022). */
  newId(): string;
}

/** A media section that does not come to be. */
export interface RefusedSection {
  /** As in its m= line: `audio`, `video`, or something unknown. */
  readonly kind: string;
  /** The codecs that were offered in it, such as `H264/90000`. */
  readonly codecs: readonly string[];
  /** Who refused it: this side what the remote offered, or the remote what this side offered. */
  readonly by: "local" | "remote";
}

export interface TakenDescription {
  /** For the engine below: nothing but the session and its m=application. */
  readonly inner: SessionDescription;
  /** False where the m=application of `inner` is made up: no data channel will open. */
  readonly carriesData: boolean;
  readonly refused: readonly RefusedSection[];
}

/** The media sections of one peer connection through all of its offers and answers (RFC 8829); does no I/O. */
export interface MediaNegotiationApi {
  readonly slots: readonly MediaSlot[];
  /** Set once a data channel is wanted: an offer then has m=application, even to a remote that came without. Default false. */
  dataWanted: boolean;
  addTrack(kind: MediaKind, track: LocalTrackIds): MediaSlot;
  needsNegotiation(): boolean;
  composeOffer(inner: SessionDescription): SessionDescription;
  composeAnswer(inner: SessionDescription): SessionDescription;
  takeOffer(remote: SessionDescription): TakenDescription;
  takeAnswer(remote: SessionDescription): TakenDescription;
  commit(): void;
  failed(): void;
  rollback(): void;
  localCandidate(candidate: IceCandidate): IceCandidate;
  remoteCandidate(candidate: IceCandidate): IceCandidate | undefined;
}

// The class follows with this shape:
export type MediaNegotiationConstructor = new (
  options: MediaNegotiationOptions,
) => MediaNegotiationApi;
