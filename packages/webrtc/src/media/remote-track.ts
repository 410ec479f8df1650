import {
  AsyncQueue,
  Emitter,
  deferred,
  type AbortOptions,
  type EventSource,
  type Listener,
  type ReceivedChunk,
} from "@conic/domain";
import type { InboundRtpStats } from "@conic/rtp";

export interface RemoteTrackEvents {
  /** Nothing comes, and nothing is expected: the remote said so. */
  mute: void;
  /** Media comes. */
  unmute: void;
  ended: void;
}

/** What a remote track needs of the connection. @internal */
export interface RemoteTrackHost {
  readonly kind: "audio" | "video";
  readonly id: string;
  readonly streamId: string;
  readonly mid: string;
  readonly maxBufferedChunks: number;
  requestKeyFrame(): void;
  stats(): InboundRtpStats | undefined;
  captureTimeMs(rtpTimestamp: number): number | undefined;
  fault(error: unknown): void;
}

/** Counts of a remote track, beside those of RTP. */
export interface RemoteTrackStats {
  readonly chunksReceived: number;
  /** Chunks that the application did not read in time. */
  readonly chunksDiscarded: number;
  /** Frames or packets that never came, or came too late. */
  readonly chunksLost: number;
  readonly rtp: InboundRtpStats | undefined;
}

/**
 * Media of the remote: `for await (const chunk of track)`, by one loop at a time. The iteration ends with the track.
 *
 * Media is not kept for ever: an application that does not read loses what had come, and in video gets nothing before
 * the next key frame. `lostBefore` of a chunk counts that too.
 */
abstract class RemoteTrackBase
  implements EventSource<RemoteTrackEvents>, AsyncIterable<ReceivedChunk>
{
  abstract readonly kind: "audio" | "video";
  readonly id: string;
  readonly streamId: string;
  /** Of the section of the description that the track belongs to (RFC 5888). */
  readonly mid: string;
  readonly #host: RemoteTrackHost;
  readonly #queue: AsyncQueue<ReceivedChunk>;
  readonly #emitter: Emitter<RemoteTrackEvents>;
  readonly #ended = deferred<void>();
  #muted = true;
  #isOver = false;
  #awaitsKey = false;
  #missed = 0;
  #received = 0;
  #discarded = 0;
  #lost = 0;

  /** @internal */
  constructor(host: RemoteTrackHost) {
    this.#host = host;
    this.id = host.id;
    this.streamId = host.streamId;
    this.mid = host.mid;
    this.#queue = new AsyncQueue({ maxItems: host.maxBufferedChunks });
    this.#emitter = new Emitter((error) => {
      host.fault(error);
    });
  }

  /** True until the first packet comes, and while the remote has announced that none will. */
  get muted(): boolean {
    return this.#muted;
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

  [Symbol.asyncIterator](): AsyncIterator<ReceivedChunk, undefined> {
    return this.#queue[Symbol.asyncIterator]();
  }

  /** Asks the remote for a key frame (RFC 4585 section 6.3.1), such as when a recording starts. Nothing in audio. */
  requestKeyFrame(): void {
    if (!this.#isOver && this.kind === "video") this.#host.requestKeyFrame();
  }

  /**
   * When the remote captured what has this RTP timestamp, in ms since 1970 by its own clock; tracks of one remote are
   * brought in step by it. Undefined before its first report (RFC 3550 section 6.4.1).
   */
  captureTimeMs(rtpTimestamp: number): number | undefined {
    return this.#host.captureTimeMs(rtpTimestamp);
  }

  stats(): RemoteTrackStats {
    return {
      chunksReceived: this.#received,
      chunksDiscarded: this.#discarded,
      chunksLost: this.#lost,
      rtp: this.#host.stats(),
    };
  }

  /** @internal */
  push(chunk: ReceivedChunk): void {
    if (this.#isOver) return;
    this.setMuted(false);
    this.#received += 1;
    this.#lost += chunk.lostBefore;
    if (this.#awaitsKey && chunk.type !== "key") {
      this.#discard(1, chunk.lostBefore);
      return;
    }
    this.#awaitsKey = false;
    if (this.#queue.size >= this.#host.maxBufferedChunks) {
      this.#overflow(chunk);
      return;
    }
    const missed = this.#missed;
    this.#missed = 0;
    this.#queue.push(missed === 0 ? chunk : { ...chunk, lostBefore: chunk.lostBefore + missed });
  }

  /** @internal */
  setMuted(muted: boolean): void {
    if (this.#muted === muted || this.#isOver) return;
    this.#muted = muted;
    this.#emitter.emit(muted ? "mute" : "unmute", undefined);
  }

  /** @internal */
  end(): void {
    if (this.#isOver) return;
    this.setMuted(true);
    this.#isOver = true;
    this.#queue.end();
    this.#emitter.emit("ended", undefined);
    this.#ended.resolve();
  }

  /** Nobody reads: what waits is too old to be of use by now. */
  #overflow(chunk: ReceivedChunk): void {
    this.#discard(this.#queue.size, 0);
    this.#queue.clear();
    this.#awaitsKey = this.kind === "video" && chunk.type !== "key";
    if (this.#awaitsKey) {
      this.#discard(1, chunk.lostBefore);
      this.requestKeyFrame();
      return;
    }
    this.#queue.push({ ...chunk, lostBefore: chunk.lostBefore + this.#missed });
    this.#missed = 0;
  }

  #discard(chunks: number, lostBefore: number): void {
    this.#discarded += chunks;
    this.#missed += chunks + lostBefore;
  }
}

/** Opus packets of the remote. */
export class RemoteAudioTrack extends RemoteTrackBase {
  readonly kind = "audio";
}

/** VP8 frames of the remote, in the order of decoding. */
export class RemoteVideoTrack extends RemoteTrackBase {
  readonly kind = "video";
}

export type RemoteTrack = RemoteAudioTrack | RemoteVideoTrack;
