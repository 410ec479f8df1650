import type { FileHandle } from "node:fs/promises";
import { opusPacketSamples } from "@conic/audio";
import { fileSink, WebmWriter } from "@conic/video";
import { Alignment, type Aligned } from "./alignment.js";
import type { FormatSummary, MediaKind, RecordedChunk, RecordingFormat } from "./format.js";
import { sizeOf, type PictureSize } from "./ivf.js";

/** Audio and video as they came, in step; video from the first key frame on. */
export class WebmFormat implements RecordingFormat {
  readonly #handle: FileHandle;
  readonly #kinds: readonly MediaKind[];
  readonly #alignment: Alignment;
  #size: PictureSize | undefined;
  #writer: WebmWriter | undefined;
  /** Of the last picture, in µs. */
  #lastPicture: number | undefined;
  #dropped = 0;

  constructor(handle: FileHandle, kinds: readonly MediaKind[], maxHeldBytes?: number) {
    this.#handle = handle;
    this.#kinds = kinds;
    this.#alignment = new Alignment(kinds, maxHeldBytes);
  }

  async write(kind: MediaKind, chunk: RecordedChunk): Promise<void> {
    const timed = kind === "audio" ? timedPacket(chunk) : this.#timedPicture(chunk);
    // Video that begins after the file had to: nothing in it says that there is any.
    const late = kind === "video" && this.#writer !== undefined && this.#size === undefined;
    if (timed === undefined || late) this.#dropped += 1;
    else await this.#send(this.#take(kind, timed), this.#kinds);
  }

  async close(): Promise<FormatSummary> {
    await this.#send(this.#alignment.flush(), [...this.#alignment.begun]);
    const summary = await this.#writer?.close();
    return {
      seconds: (summary?.duration ?? 0) / 1_000_000,
      audioPackets: summary?.audioPackets ?? 0,
      videoFrames: summary?.videoFrames ?? 0,
      dropped: this.#dropped + (summary?.droppedFrames ?? 0),
    };
  }

  #take(kind: MediaKind, chunk: RecordedChunk): Aligned[] {
    if (kind === "video") this.#size ??= sizeOf(chunk);
    return this.#alignment.take(kind, chunk);
  }

  /** Undefined before the first key frame. A picture lasts as long as the one before it did. */
  #timedPicture(chunk: RecordedChunk): RecordedChunk | undefined {
    if (chunk.data.length === 0 || (this.#size ?? sizeOf(chunk)) === undefined) return undefined;
    const duration = chunk.timestamp - (this.#lastPicture ?? chunk.timestamp);
    this.#lastPicture = chunk.timestamp;
    return { ...chunk, duration };
  }

  async #send(aligned: readonly Aligned[], kinds: readonly MediaKind[]): Promise<void> {
    if (aligned.length === 0) return;
    this.#writer ??= new WebmWriter(fileSink(this.#handle), {
      video: kinds.includes("video") ? this.#size : undefined,
      audio: kinds.includes("audio") ? { numberOfChannels: 2 } : undefined,
    });
    for (const { kind, chunk } of aligned) await this.#writer.write(kind, chunk);
  }
}

/** Undefined for what is no Opus. */
function timedPacket(chunk: RecordedChunk): RecordedChunk | undefined {
  const samples = opusPacketSamples(chunk.data);
  return samples === undefined ? undefined : { ...chunk, duration: Math.round(samples / 0.048) };
}
