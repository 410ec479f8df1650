import { ConicError, type EncodedChunk } from "@conic/domain";
import type { OutboundRtpStats } from "@conic/rtp";
import type { LocalTrack, TrackSink } from "./local-track.js";

/** The RTP stream of a sender on one engine connection. @internal */
export interface SenderOutlet {
  send(chunk: EncodedChunk): boolean;
  stats(): OutboundRtpStats;
  /** Where the target of a video ends, in bits a second. */
  limit(maxBitrate: number): void;
}

/** A track on its way to one remote (W3C RTCRtpSender). */
export class TrackSender implements TrackSink {
  readonly kind: "audio" | "video";
  #track: LocalTrack | null;
  #outlet: SenderOutlet | undefined;
  #isActive = false;
  #isRemoved = false;

  /** @internal */
  constructor(track: LocalTrack) {
    this.kind = track.kind;
    this.#track = track;
    track.attach(this);
  }

  /** What is sent; null for nothing. */
  get track(): LocalTrack | null {
    return this.#track;
  }

  /** Whether chunks go out: negotiated, connected and not removed. */
  get active(): boolean {
    return this.#isActive;
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
    const before = this.#track;
    before?.detach(this);
    this.#track = track;
    track?.attach(this);
    if (track !== null) this.#outlet?.limit(track.maxBitrate);
    if (this.#isActive) track?.requestKeyFrame();
    before?.refreshTargetBitrate();
    track?.refreshTargetBitrate();
  }

  /** Undefined until the track was negotiated. */
  stats(): OutboundRtpStats | undefined {
    return this.#outlet?.stats();
  }

  /** @internal */
  get targetBitrate(): number | undefined {
    return this.#isActive ? this.#outlet?.stats().targetBitrate : undefined;
  }

  /** @internal */
  write(chunk: EncodedChunk): boolean {
    return this.#isActive && this.#outlet?.send(chunk) === true;
  }

  /**
   * Another outlet, or whether it may be used; a remote that starts to receive needs a key frame.
   * @internal
   */
  setOutlet(outlet: SenderOutlet | undefined, isActive: boolean): void {
    const starts = isActive && !(this.#isActive && this.#outlet === outlet);
    if (starts && this.#track !== null) outlet?.limit(this.#track.maxBitrate);
    this.#outlet = outlet;
    this.#isActive = isActive;
    if (starts) this.#track?.requestKeyFrame();
    this.#track?.refreshTargetBitrate();
  }

  /** @internal */
  get isRemoved(): boolean {
    return this.#isRemoved;
  }

  /** @internal */
  remove(): void {
    this.#isRemoved = true;
    this.#isActive = false;
    this.#track?.detach(this);
  }
}
