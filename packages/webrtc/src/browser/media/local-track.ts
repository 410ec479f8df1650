import {
  ConicError,
  Emitter,
  type AbortOptions,
  type EncodedChunk,
  type EventSource,
  type Listener,
} from "@conic/domain";
import { checkedBitrate, checkedId, defaultMaxBitrate } from "../../media/track-checks.js";

export interface TrackInit {
  /** What is sent: of `getUserMedia`, of a canvas, of another connection. The caller goes on owning it. */
  readonly mediaStreamTrack: MediaStreamTrack;
  /** Tracks of one stream belong together: the remote plays them in step (W3C MediaStream id). Default: of its own. */
  readonly streamId?: string;
  /** Of a video: what its encoder is to give at most, in bits a second. Default 2,500,000. */
  readonly maxBitrate?: number;
}

export interface LocalTrackEvents {
  /** The track was stopped, or its source ended. */
  ended: void;
}

abstract class LocalTrackBase implements EventSource<LocalTrackEvents> {
  readonly mediaStreamTrack: MediaStreamTrack;
  readonly streamId: string;
  /** In bits a second; of a video. */
  readonly maxBitrate: number;
  readonly #thrown: unknown[] = [];
  readonly #emitter = new Emitter<LocalTrackEvents>((error) => {
    this.#thrown.push(error);
  });
  #isStopped = false;

  /** @throws ConicError `unsupported` without a native track, `invalid_argument` for what is none of this kind. */
  protected constructor(kind: "audio" | "video", init: TrackInit) {
    const { mediaStreamTrack: track, maxBitrate = defaultMaxBitrate } = init;
    if (!(track instanceof MediaStreamTrack)) {
      throw new ConicError(
        "unsupported",
        "a browser sends native tracks, not encoded chunks: give mediaStreamTrack",
      );
    }
    if (track.kind !== kind) {
      throw new ConicError("invalid_argument", `a track of ${kind} cannot carry ${track.kind}`);
    }
    this.mediaStreamTrack = track;
    this.maxBitrate = checkedBitrate(maxBitrate);
    this.streamId = checkedId("streamId", init.streamId ?? crypto.randomUUID());
    track.addEventListener("ended", () => {
      this.#end();
    });
  }

  /** Of the native track. */
  get id(): string {
    return this.mediaStreamTrack.id;
  }

  /** Mute: while false, the remote gets silence or black. It is the native track's. */
  get enabled(): boolean {
    return this.mediaStreamTrack.enabled;
  }

  set enabled(enabled: boolean) {
    this.mediaStreamTrack.enabled = enabled;
  }

  get readyState(): "live" | "ended" {
    return this.#isStopped ? "ended" : this.mediaStreamTrack.readyState;
  }

  on<K extends keyof LocalTrackEvents>(
    type: K,
    listener: Listener<LocalTrackEvents[K]>,
    options?: AbortOptions,
  ): () => void {
    return this.#emitter.on(type, listener, options);
  }

  /** For Node alone. @throws ConicError `unsupported`: the browser encodes by itself. */
  write(_chunk: EncodedChunk): never {
    throw new ConicError("unsupported", "a browser encodes by itself: chunks are for Node");
  }

  /** Ends the native track, in every connection. Idempotent. */
  stop(): void {
    this.mediaStreamTrack.stop();
    // Of its own doing, the native track tells nobody.
    this.#end();
  }

  #end(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#emitter.emit("ended", undefined);
    const [first] = this.#thrown.splice(0);
    if (first !== undefined) throw ConicError.from(first, "internal", "a listener threw");
  }
}

/** Sound that this side sends: a microphone, or what else gives a native track. */
export class AudioTrack extends LocalTrackBase {
  readonly kind = "audio";

  /** @throws ConicError `unsupported` without a native track, `invalid_argument` for one of video. */
  constructor(init: TrackInit) {
    super("audio", init);
  }
}

/** A picture that this side sends: a camera, a screen, a canvas. */
export class VideoTrack extends LocalTrackBase {
  readonly kind = "video";

  /** @throws ConicError `unsupported` without a native track, `invalid_argument` for one of audio. */
  constructor(init: TrackInit) {
    super("video", init);
  }
}

export type LocalTrack = AudioTrack | VideoTrack;
