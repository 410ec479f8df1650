import { ConicError } from "@conic/domain";
import type { OutboundRtpStats } from "@conic/rtp";
import type { LocalTrack } from "./local-track.js";

/** The native sender of one connection. @internal */
export interface SenderOutlet {
  readonly isActive: boolean;
  replace(track: LocalTrack | null): void;
  stats(): OutboundRtpStats | undefined;
}

/** A track on its way to one remote (W3C RTCRtpSender). */
export class TrackSender {
  readonly kind: "audio" | "video";
  #track: LocalTrack | null;
  #outlet: SenderOutlet | undefined;
  #isRemoved = false;

  /** @internal */
  constructor(track: LocalTrack) {
    this.kind = track.kind;
    this.#track = track;
  }

  /** What is sent; null for nothing. */
  get track(): LocalTrack | null {
    return this.#track;
  }

  /** Whether media goes out: negotiated, connected and not removed. */
  get active(): boolean {
    return !this.#isRemoved && this.#outlet?.isActive === true;
  }

  /**
   * Sends another track of the same kind from now on, without negotiation: the remote sees one track that goes on.
   * @throws ConicError `invalid_argument` for a track of the other kind, `invalid_state` after the sender was removed.
   */
  replaceTrack(track: LocalTrack | null): void {
    if (this.#isRemoved) throw new ConicError("invalid_state", "the sender was removed");
    if (track !== null && track.kind !== this.kind) {
      throw new ConicError(
        "invalid_argument",
        `${track.kind} cannot take the place of ${this.kind}`,
      );
    }
    if (track === this.#track) return;
    this.#track = track;
    this.#outlet?.replace(track);
  }

  /** As of the last `getStats()` of the connection; undefined until the track was negotiated. */
  stats(): OutboundRtpStats | undefined {
    return this.#outlet?.stats();
  }

  /** @internal */
  setOutlet(outlet: SenderOutlet | undefined): void {
    this.#outlet = outlet;
  }

  /** @internal */
  get isRemoved(): boolean {
    return this.#isRemoved;
  }

  /** @internal */
  remove(): void {
    this.#isRemoved = true;
    this.#outlet = undefined;
  }
}
