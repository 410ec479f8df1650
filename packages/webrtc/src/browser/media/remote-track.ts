import {
  ConicError,
  Emitter,
  deferred,
  type AbortOptions,
  type EventSource,
  type Listener,
  type ReceivedChunk,
} from "@conic/domain";
import type { InboundRtpStats } from "@conic/rtp";

export interface RemoteTrackEvents {
  /** Nothing comes, for now or because the remote said so. */
  mute: void;
  /** Media comes. */
  unmute: void;
  ended: void;
}

/** What a remote track needs of the connection. @internal */
export interface RemoteTrackHost {
  readonly mediaStreamTrack: MediaStreamTrack;
  readonly streamId: string;
  readonly mid: string;
  stats(): InboundRtpStats | undefined;
  fault(error: unknown): void;
}

export interface RemoteTrackStats {
  /** As of the last `getStats()` of the connection. */
  readonly rtp: InboundRtpStats | undefined;
}

/** Media of the remote, to be played by an element: `video.srcObject = new MediaStream([track.mediaStreamTrack])`. */
abstract class RemoteTrackBase
  implements EventSource<RemoteTrackEvents>, AsyncIterable<ReceivedChunk>
{
  abstract readonly kind: "audio" | "video";
  /** Decoded by the browser. */
  readonly mediaStreamTrack: MediaStreamTrack;
  readonly streamId: string;
  /** Of the section of the description that the track belongs to (RFC 5888). */
  readonly mid: string;
  readonly #host: RemoteTrackHost;
  readonly #emitter: Emitter<RemoteTrackEvents>;
  readonly #ended = deferred<void>();
  readonly #listening = new AbortController();
  #isOver = false;

  /** @internal */
  constructor(host: RemoteTrackHost) {
    this.#host = host;
    this.mediaStreamTrack = host.mediaStreamTrack;
    this.streamId = host.streamId;
    this.mid = host.mid;
    this.#emitter = new Emitter((error) => {
      host.fault(error);
    });
    const { signal } = this.#listening;
    for (const type of ["mute", "unmute"] as const) {
      const tell = (): void => {
        this.#emitter.emit(type, undefined);
      };
      this.mediaStreamTrack.addEventListener(type, tell, { signal });
    }
  }

  /** Of the native track; the remote's id of it is not told. */
  get id(): string {
    return this.mediaStreamTrack.id;
  }

  /** True until the first packet comes, and while none does. */
  get muted(): boolean {
    return this.#isOver || this.mediaStreamTrack.muted;
  }

  get readyState(): "live" | "ended" {
    return this.#isOver ? "ended" : "live";
  }

  /** Resolves when the remote removed the track or the connection closed. Never rejects. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  on<K extends keyof RemoteTrackEvents>(
    type: K,
    listener: Listener<RemoteTrackEvents[K]>,
    options?: AbortOptions,
  ): () => void {
    return this.#emitter.on(type, listener, options);
  }

  /** For Node alone. @throws ConicError `unsupported`: the browser decodes by itself. */
  [Symbol.asyncIterator](): AsyncIterator<ReceivedChunk, undefined> {
    throw new ConicError("unsupported", "a browser decodes by itself: play mediaStreamTrack");
  }

  stats(): RemoteTrackStats {
    return { rtp: this.#host.stats() };
  }

  /** @internal */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listening.abort();
    this.#emitter.emit("ended", undefined);
    this.#ended.resolve();
  }
}

/** Sound of the remote. */
export class RemoteAudioTrack extends RemoteTrackBase {
  readonly kind = "audio";
}

/** A picture of the remote. */
export class RemoteVideoTrack extends RemoteTrackBase {
  readonly kind = "video";
}

export type RemoteTrack = RemoteAudioTrack | RemoteVideoTrack;
