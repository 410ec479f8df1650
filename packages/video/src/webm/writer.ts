import { raceAbort, throwIfAborted, type AbortOptions, type EncodedChunk } from "@conic/domain";
import { invalidArgument } from "../errors.js";
import { checkSize } from "../frame/i420.js";
import type { VideoFileSink } from "../io/sink.js";
import { WriteGate } from "../io/write-gate.js";
import { opusHead, silentPacket, silentPacketDuration } from "./opus.js";
import { startMux, type Mux, type MuxSink, type MuxTrack } from "./vendor.js";

export interface WebmWriterOptions {
  /** VP8, in pixels. */
  readonly video?: { readonly width: number; readonly height: number } | undefined;
  /** Opus. `preSkipSamples` (default 312) are left out by players at the start: what the encoder looks ahead. */
  readonly audio?:
    | {
        readonly numberOfChannels?: 1 | 2 | undefined;
        readonly preSkipSamples?: number | undefined;
      }
    | undefined;
  /** Audio this far behind the video is filled with silence, so that the video need not wait. Default 2,000. */
  readonly maxAudioLagMs?: number | undefined;
  /**
   * Bytes of audio that wait for video at most. When more would wait the video track ends, and later video is
   * dropped. Default 8 MiB: a quarter of an hour of audio at 64 kb/s.
   */
  readonly maxWaitingBytes?: number | undefined;
}

export interface WebmSummary {
  readonly videoFrames: number;
  readonly audioPackets: number;
  /** 20 ms each, put in where audio was missing. */
  readonly silentPackets: number;
  /** Video before the first key frame, and after the video track ended. */
  readonly droppedFrames: number;
  /** To the end of the last chunk, in µs. */
  readonly duration: number;
  readonly fileBytes: number;
}

type Kind = "video" | "audio";

interface Track {
  readonly mux: MuxTrack | undefined;
  /** Of the last chunk, and its end, in µs from the start of the file. */
  timestamp: number;
  end: number;
  ended: boolean;
}

/**
 * Writes VP8 and Opus to a WebM file, in order: what is there can be played at any time, also when the writer never
 * came to its end. A complete file says how long it is and has an index to seek by, unless its sink cannot seek.
 */
export class WebmWriter implements AsyncDisposable {
  readonly #sink: VideoFileSink;
  readonly #options: WebmWriterOptions;
  readonly #gate = new WriteGate<WebmSummary>();
  #mux: Mux | undefined;
  #tracks: Readonly<Record<Kind, Track>> | undefined;
  #start: number | undefined;
  /** Audio that is ahead of the video. */
  readonly #waiting: { readonly timestamp: number; readonly bytes: number }[] = [];
  #waitingBytes = 0;
  #audioDelay = 0;
  #silentBefore = 0;
  #signal: AbortSignal | undefined;
  readonly #count = { videoFrames: 0, audioPackets: 0, silentPackets: 0, droppedFrames: 0 };
  #fileBytes = 0;

  /** @throws ConicError `invalid_argument`. */
  constructor(sink: VideoFileSink, options: WebmWriterOptions) {
    const { video, audio } = options;
    if (video === undefined && audio === undefined) {
      throw invalidArgument("a WebM file has video, audio or both");
    }
    if (video !== undefined) checkSize(video.width, video.height);
    const { numberOfChannels = 2, preSkipSamples = 312 } = audio ?? {};
    if (![1, 2].includes(numberOfChannels) || !(preSkipSamples >= 0 && preSkipSamples <= 0xffff)) {
      throw invalidArgument("audio has 1 or 2 channels and 0 to 65,535 preSkipSamples");
    }
    this.#sink = sink;
    this.#options = options;
  }

  /**
   * Appends one chunk. Both tracks are on one clock; the file starts with the first chunk, and a time before that of
   * the last chunk is moved up to it. Resolves when the sink has taken what can be written: a chunk waits until the
   * other track has come as far.
   * @throws ConicError `invalid_argument` for a track that the file does not have or a chunk without bytes,
   * `invalid_state` during another call, `closed`, `aborted`; errors of the sink pass unchanged, and end the file.
   */
  async write(
    kind: "video" | "audio",
    chunk: EncodedChunk,
    options: AbortOptions = {},
  ): Promise<void> {
    if (this.#options[kind] === undefined) throw invalidArgument(`the file has no ${kind}`);
    if (chunk.data.length === 0) throw invalidArgument("a chunk has at least one byte");
    throwIfAborted(options.signal);
    await this.#gate.write(async () => {
      this.#signal = options.signal;
      const tracks = await this.#open();
      this.#start ??= chunk.timestamp;
      const at = chunk.timestamp - this.#start;
      await (kind === "video" ? this.#video(tracks, chunk, at) : this.#audio(tracks, chunk, at));
    });
  }

  /**
   * Completes the file; the sink stays open. Later calls return the same promise.
   * @throws ConicError `invalid_state` during a write; the first error of the sink.
   */
  close(): Promise<WebmSummary> {
    return this.#gate.close(() => this.#complete());
  }

  /** `close()`, but silent about an error that a write has thrown already. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#gate.dispose(() => this.#complete());
  }

  async #video({ video, audio }: Readonly<Record<Kind, Track>>, chunk: EncodedChunk, at: number) {
    // Nothing can be seen before the first key frame.
    if (video.ended || (this.#count.videoFrames === 0 && chunk.type === "delta")) {
      this.#count.droppedFrames += 1;
      return;
    }
    await add(video, chunk, at);
    this.#count.videoFrames += 1;
    const lag = (this.#options.maxAudioLagMs ?? 2_000) * 1_000;
    while (audio.mux !== undefined && audio.end < video.timestamp - lag) {
      const silence = { type: "key", data: silentPacket, duration: silentPacketDuration } as const;
      await add(audio, silence, audio.end);
      this.#count.silentPackets += 1;
    }
    for (;;) {
      const first = this.#waiting[0];
      if (first === undefined || first.timestamp > video.timestamp) break;
      this.#waitingBytes -= first.bytes;
      this.#waiting.shift();
    }
  }

  async #audio({ video, audio }: Readonly<Record<Kind, Track>>, chunk: EncodedChunk, at: number) {
    await add(audio, chunk, at + this.#delayOf(audio, at));
    this.#count.audioPackets += 1;
    if (video.mux === undefined || video.ended || audio.timestamp <= video.timestamp) return;
    const { timestamp } = audio;
    this.#waiting.push({ timestamp, bytes: chunk.data.length });
    this.#waitingBytes += chunk.data.length;
    if (this.#waitingBytes <= (this.#options.maxWaitingBytes ?? 8 * 1024 * 1024)) return;
    this.#waiting.length = 0;
    video.ended = true;
    video.mux.close();
  }

  /** In µs. Audio that comes after all goes behind the silence in its place, and so does what follows it. */
  #delayOf(audio: Track, at: number): number {
    const { silentPackets } = this.#count;
    if (at >= audio.end) this.#audioDelay = 0;
    else if (silentPackets > this.#silentBefore) this.#audioDelay = audio.end - at;
    this.#silentBefore = silentPackets;
    return this.#audioDelay;
  }

  async #open(): Promise<Readonly<Record<Kind, Track>>> {
    if (this.#tracks !== undefined) return this.#tracks;
    const { video, audio } = this.#options;
    const { numberOfChannels = 2, preSkipSamples = 312 } = audio ?? {};
    const sink = {
      write: (bytes: Uint8Array) => this.#append(bytes),
      overwrite: this.#overwriter(),
    };
    this.#mux = await startMux(sink, {
      video,
      audio:
        audio === undefined
          ? undefined
          : { numberOfChannels, opusHead: opusHead(numberOfChannels, preSkipSamples) },
    });
    this.#tracks = { video: trackOf(this.#mux.video), audio: trackOf(this.#mux.audio) };
    return this.#tracks;
  }

  async #append(bytes: Uint8Array): Promise<void> {
    throwIfAborted(this.#signal);
    await raceAbort(Promise.resolve(this.#sink.write(bytes)), this.#signal);
    this.#fileBytes += bytes.length;
  }

  #overwriter(): MuxSink["overwrite"] {
    const overwrite = this.#sink.overwrite?.bind(this.#sink);
    if (overwrite === undefined) return undefined;
    return async (bytes, position) => {
      throwIfAborted(this.#signal);
      await raceAbort(Promise.resolve(overwrite(bytes, position)), this.#signal);
    };
  }

  async #complete(): Promise<WebmSummary> {
    this.#signal = undefined;
    const { video, audio } = await this.#open();
    await this.#mux?.finish();
    const duration = Math.max(video.end, audio.end);
    return { ...this.#count, duration, fileBytes: this.#fileBytes };
  }
}

function trackOf(mux: MuxTrack | undefined): Track {
  return { mux, timestamp: -1, end: 0, ended: false };
}

async function add(track: Track, chunk: Omit<EncodedChunk, "timestamp">, at: number) {
  const timestamp = Math.max(0, at, track.timestamp);
  await track.mux?.add(chunk.data, chunk.type, timestamp / 1_000_000, chunk.duration / 1_000_000);
  track.timestamp = timestamp;
  track.end = timestamp + chunk.duration;
}
