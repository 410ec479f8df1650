import type { FileHandle } from "node:fs/promises";
import type { ReceivedChunk } from "@conic/domain";
import { fileSink, IvfWriter, parseVp8Header } from "@conic/video";
import type { FormatSummary, RecordingFormat } from "./format.js";
import { estimateFramerate } from "./framerate.js";

/** Frames that say how many come in a second, before the header is written. */
const framesToMeasure = 30;

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** VP8 as it came, from the first key frame on. */
export class IvfFormat implements RecordingFormat {
  readonly #handle: FileHandle;
  #size: PictureSize | undefined;
  #held: ReceivedChunk[] = [];
  #writer: IvfWriter | undefined;
  #dropped = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async write(_: unknown, chunk: ReceivedChunk): Promise<void> {
    this.#size ??= sizeOf(chunk);
    if (this.#size === undefined) {
      this.#dropped += 1;
      return;
    }
    if (this.#writer !== undefined) return this.#writer.write(chunk);
    this.#held.push(chunk);
    if (this.#held.length >= framesToMeasure) await this.#begin(this.#size);
  }

  async close(): Promise<FormatSummary> {
    if (this.#size !== undefined && this.#writer === undefined) await this.#begin(this.#size);
    const summary = await this.#writer?.close();
    return {
      seconds: (summary?.duration ?? 0) / 1_000_000,
      audioPackets: 0,
      videoFrames: summary?.frames ?? 0,
      dropped: this.#dropped,
    };
  }

  async #begin(size: PictureSize): Promise<void> {
    const held = this.#held;
    this.#held = [];
    const framerate = estimateFramerate(held.map(({ timestamp }) => timestamp));
    this.#writer = new IvfWriter(fileSink(this.#handle), { ...size, framerate });
    for (const chunk of held) await this.#writer.write(chunk);
  }
}

/** Undefined for what no decoder can start with. */
export function sizeOf(chunk: ReceivedChunk): PictureSize | undefined {
  const { width, height } = parseVp8Header(chunk.data) ?? {};
  return width === undefined || height === undefined ? undefined : { width, height };
}
