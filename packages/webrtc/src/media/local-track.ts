import { randomUUID } from "node:crypto";
import {
  ConicError,
  Emitter,
  type AbortOptions,
  type EncodedChunk,
  type EventSource,
  type Listener,
} from "@conic/domain";
import { checkedBitrate, checkedId, defaultMaxBitrate } from "./track-checks.js";

export interface TrackInit {
  /** Told to the remote. Default: a random UUID. */
  readonly id?: string;
  /** Tracks of one stream belong together: the remote plays them in step (W3C MediaStream id). Default: of its own. */
  readonly streamId?: string;
  /** Of a video: what its encoder is to give at most, in bits a second. Default 2,500,000. */
  readonly maxBitrate?: number;
}

export interface LocalTrackEvents {
  /** A remote cannot go on without a key frame: a new one, or one that lost too much. Make the next frame one. */
  keyframerequest: void;
  /**
   * Bits a second that a video should have from now on: what the thinnest path to a remote that receives it carries, by
   * what gets lost there. From 100,000 to `maxBitrate`, where it begins. Make the encoder follow, or more gets lost.
   */
  targetbitrate: number;
  /** The track was stopped. */
  ended: void;
}

/** Where the chunks of a track go: a sender of one connection. @internal */
export interface TrackSink {
  /** False when the chunk was dropped: nothing is negotiated, or there is no path. */
  write(chunk: EncodedChunk): boolean;
  /** Bits a second that the path carries; undefined when nothing goes out. */
  readonly targetBitrate: number | undefined;
}

abstract class LocalTrackBase implements EventSource<LocalTrackEvents> {
  abstract readonly kind: "audio" | "video";
  readonly id: string;
  readonly streamId: string;
  /** In bits a second; of a video. */
  readonly maxBitrate: number;
  readonly #sinks = new Set<TrackSink>();
  readonly #emitter = new Emitter<LocalTrackEvents>((error) => {
    this.#thrown.push(error);
  });
  /** What listeners threw: all of them are called first. */
  readonly #thrown: unknown[] = [];
  #enabled = true;
  #readyState: "live" | "ended" = "live";
  /** What was told last. */
  #targetBitrate: number;

  /** @throws ConicError `invalid_argument` for an id that SDP cannot carry, or a bitrate that is none. */
  constructor(init: TrackInit = {}) {
    this.maxBitrate = checkedBitrate(init.maxBitrate ?? defaultMaxBitrate);
    this.#targetBitrate = this.maxBitrate;
    this.id = checkedId("id", init.id ?? randomUUID());
    this.streamId = checkedId("streamId", init.streamId ?? randomUUID());
  }

  /** Mute: while false, what is written is dropped. Set it to true again and a key frame is asked for. */
  get enabled(): boolean {
    return this.#enabled;
  }

  set enabled(enabled: boolean) {
    const isBack = enabled && !this.#enabled;
    this.#enabled = enabled;
    if (isBack && this.#sinks.size > 0) this.requestKeyFrame();
  }

  get readyState(): "live" | "ended" {
    return this.#readyState;
  }

  on<K extends keyof LocalTrackEvents>(
    type: K,
    listener: Listener<LocalTrackEvents[K]>,
    options?: AbortOptions,
  ): () => void {
    return this.#emitter.on(type, listener, options);
  }

  /**
   * Sends one chunk to every connection that the track was added to. Their timestamps are the media clock: they tell
   * the remote when to play, whenever this is called.
   * @returns whether any connection took it; false while muted, stopped or not connected: nothing is queued, since old
   * media is worth nothing.
   */
  write(chunk: EncodedChunk): boolean {
    if (!this.#enabled || this.#readyState === "ended") return false;
    let taken = false;
    for (const sink of this.#sinks) taken = sink.write(chunk) || taken;
    return taken;
  }

  /** Ends the track for good, in every connection. Idempotent. */
  stop(): void {
    if (this.#readyState === "ended") return;
    this.#readyState = "ended";
    this.#emit("ended", undefined);
  }

  /** @internal */
  requestKeyFrame(): void {
    this.#emit("keyframerequest", undefined);
  }

  /** @internal */
  refreshTargetBitrate(): void {
    const targets = [...this.#sinks].flatMap(({ targetBitrate }) => targetBitrate ?? []);
    const target = Math.min(...targets);
    if (targets.length === 0 || target === this.#targetBitrate) return;
    this.#targetBitrate = target;
    this.#emit("targetbitrate", target);
  }

  /** @internal */
  attach(sink: TrackSink): void {
    this.#sinks.add(sink);
  }

  /** @internal */
  detach(sink: TrackSink): void {
    this.#sinks.delete(sink);
  }

  #emit<K extends keyof LocalTrackEvents>(type: K, event: LocalTrackEvents[K]): void {
    this.#emitter.emit(type, event);
    const [first] = this.#thrown.splice(0);
    if (first !== undefined) throw ConicError.from(first, "internal", "a listener threw");
  }
}

/** Opus packets that this side sends: {@link LocalTrackBase.write} takes what an AudioEncoder gives. */
export class AudioTrack extends LocalTrackBase {
  readonly kind = "audio";
}

/** VP8 frames that this side sends. Listen to `keyframerequest`, and to `targetbitrate`. */
export class VideoTrack extends LocalTrackBase {
  readonly kind = "video";
}

export type LocalTrack = AudioTrack | VideoTrack;
