import type { ReceivedChunk } from "@conic/domain";
import type { MediaKind, Recorder } from "../../sinks/recorder.js";
import type { IncomingTrack } from "../call/media-call.js";
import type { Report } from "../events.js";
import type { Inspector } from "./inspect.js";

export interface ReceiverOptions {
  readonly kind: MediaKind;
  readonly recorder: Recorder | undefined;
  readonly inspector: Inspector | undefined;
  readonly report: Report;
  /** Called after each chunk. */
  readonly onProgress: () => void;
}

/** Takes what one kind of track of the other side brings: counts, records, inspects. */
export class Receiver {
  readonly kind: MediaKind;
  readonly inspector: Inspector | undefined;
  chunks = 0;
  bytes = 0;
  keyFrames = 0;
  /** Frames or packets that never came. */
  lost = 0;
  /** Of media: from the first chunk to the end of the last one, of each track. */
  seconds = 0;
  readonly #options: ReceiverOptions;
  #track: IncomingTrack | undefined;
  /** Of the tracks before: each has its own time, which begins at 0. */
  #secondsBefore = 0;

  constructor(options: ReceiverOptions) {
    this.#options = options;
    this.kind = options.kind;
    this.inspector = options.inspector;
  }

  /** Whether a track is being read. */
  get isBusy(): boolean {
    return this.#track !== undefined;
  }

  /** Reads a track to its end; `onFirst` is called before its first chunk. @throws ConicError when the recording cannot be written. */
  async read(track: IncomingTrack, onFirst: () => void): Promise<void> {
    this.#track = track;
    this.#secondsBefore = this.seconds;
    let isFirst = true;
    try {
      for await (const chunk of track) {
        if (isFirst) onFirst();
        isFirst = false;
        await this.#take(chunk);
      }
    } finally {
      this.#track = undefined;
      this.inspector?.silence?.();
    }
  }

  async #take(chunk: ReceivedChunk): Promise<void> {
    const { kind, recorder, inspector, report, onProgress } = this.#options;
    const at = this.#secondsBefore + chunk.timestamp / 1e6;
    if (chunk.lostBefore > 0) {
      this.lost += chunk.lostBefore;
      report({
        event: kind === "video" ? "frame-lost" : "gap",
        kind,
        lost: chunk.lostBefore,
        at: Math.round(at * 1000) / 1000,
      });
    }
    this.chunks += 1;
    this.bytes += chunk.data.byteLength;
    if (chunk.type === "key") this.keyFrames += 1;
    this.seconds = at + chunk.duration / 1e6;
    if (recorder !== undefined) {
      const captureTimeMs = this.#track?.captureTimeMs(chunk.rtpTimestamp);
      await recorder.write(kind, { ...chunk, captureTimeMs });
    }
    await inspector?.take(chunk);
    onProgress();
  }
}
