import { isConicError, type EncodedChunk } from "@conic/domain";
import type { MediaKind } from "../../sinks/recorder.js";
import type { AudioSource, PlayVideoOptions, VideoSource } from "../../sources/source.js";
import type { Timeline } from "../../sources/pace/timeline.js";
import type { OutgoingSender, OutgoingTrack } from "../call/media-call.js";
import { Signpost } from "../signpost.js";
import { BitrateSteps } from "./bitrate-steps.js";

/** Something to send, whatever its kind. */
export interface Outgoing {
  readonly kind: MediaKind;
  readonly description: string;
  /** Whether it never ends by itself, as a tone and a pattern do. */
  readonly isEndless: boolean;
  /** Frames that were left out so far. */
  readonly skippedFrames: number;
  /** Bits a second; undefined where the rate cannot be changed: audio, and files of VP8. */
  readonly maxBitrate?: number | undefined;
  play(options: PlayVideoOptions): AsyncIterable<EncodedChunk>;
}

export function outgoingAudio(source: AudioSource, isEndless: boolean): Outgoing {
  const { description } = source;
  return {
    kind: "audio",
    description,
    isEndless,
    skippedFrames: 0,
    play: ({ timeline, signal }) => source.packets({ timeline, signal }),
  };
}

export function outgoingVideo(source: VideoSource, isEndless: boolean): Outgoing {
  const { description, maxBitrate } = source;
  return {
    kind: "video",
    description,
    isEndless,
    maxBitrate,
    get skippedFrames() {
      return source.skippedFrames;
    },
    play: (options) => source.chunks(options),
  };
}

interface RunOptions {
  readonly timeline: Timeline;
  readonly signal: AbortSignal;
}

/** One source on its way into one track. */
export class Pump {
  readonly source: Outgoing;
  readonly track: OutgoingTrack;
  /** Chunks that the connection took. */
  sentChunks = 0;
  /** Of the media that went out. */
  sentSeconds = 0;
  isDone = false;
  readonly #sender: OutgoingSender;
  readonly #steps: BitrateSteps | undefined;
  readonly #changed = new Signpost();
  #refused = false;
  #wanted = false;
  #keyFrameWanted = false;

  constructor(source: Outgoing, track: OutgoingTrack, sender: OutgoingSender) {
    this.source = source;
    this.track = track;
    this.#sender = sender;
    const { maxBitrate } = source;
    const steps = maxBitrate === undefined ? undefined : new BitrateSteps(maxBitrate);
    this.#steps = steps;
    if (steps !== undefined) track.on("targetbitrate", (bits) => (steps.target = bits));
    // Also what tells that a track became active.
    track.on("keyframerequest", () => {
      this.#keyFrameWanted = true;
      this.#changed.raise();
    });
  }

  get kind(): MediaKind {
    return this.source.kind;
  }

  /** Bits a second that the encoder is set to; undefined where nothing is set. */
  get targetBitrate(): number | undefined {
    return this.#steps?.value;
  }

  get isRefused(): boolean {
    return this.#refused;
  }

  /** The other side does not take this kind. */
  refuse(): void {
    this.#refused = true;
    this.#changed.raise();
  }

  /** The other side's receiver is there. */
  want(): void {
    this.#wanted = true;
    this.#changed.raise();
  }

  /** Resolves when chunks go out, or never will. */
  negotiated(signal: AbortSignal): Promise<void> {
    return this.#changed.until(() => this.#sender.active || this.#refused, signal);
  }

  /** Resolves when the other side says that it is ready, or never will be. */
  wanted(signal: AbortSignal): Promise<void> {
    return this.#changed.until(() => this.#wanted || this.#refused, signal);
  }

  /**
   * Sends until the source ends, or the signal fires.
   * @throws ConicError `invalid_data` for a file that breaks off, after all that came before.
   */
  async run(options: RunOptions): Promise<void> {
    if (this.#refused) return;
    const keyFrameWanted = (): boolean => {
      const wanted = this.#keyFrameWanted;
      this.#keyFrameWanted = false;
      return wanted;
    };
    const steps = this.#steps;
    const { clock } = options.timeline;
    const bitrate = steps && ((): number => steps.next(clock.now()));
    try {
      for await (const chunk of this.source.play({ ...options, keyFrameWanted, bitrate })) {
        if (this.track.write(chunk)) this.sentChunks += 1;
        this.sentSeconds = (chunk.timestamp + chunk.duration) / 1e6;
      }
      // A source may end without a word when it is stopped.
      this.isDone = !options.signal.aborted;
    } catch (error) {
      if (!isConicError(error, "aborted")) throw error;
    }
  }
}
