import {
  ConicError,
  type EncodedChunk,
  type VideoEncodeOptions,
  type VideoEncoder,
  type VideoFrame,
} from "@conic/domain";
import { checkedBitrate, invalidArgument, pictureBytes } from "./config.js";
import type { JobQueue } from "./jobs.js";
import type { EncoderSpec } from "./worker/types.js";

export class Vp8Encoder implements VideoEncoder {
  readonly width: number;
  readonly height: number;
  readonly #jobs: JobQueue;
  readonly #frameBytes: number;
  #bitrate: number;
  /** A frame that others would build on was lost. */
  #keyFrameDue = false;
  /** Memory that the worker gave back, for the next frame. */
  readonly #spare: Uint8Array<ArrayBuffer>[] = [];

  constructor(jobs: JobQueue, spec: EncoderSpec) {
    this.width = spec.width;
    this.height = spec.height;
    this.#jobs = jobs;
    this.#bitrate = spec.bitrate;
    this.#frameBytes = pictureBytes(spec.width, spec.height);
  }

  get encodeQueueSize(): number {
    return this.#jobs.size;
  }

  async encode(
    frame: VideoFrame,
    options: VideoEncodeOptions = {},
  ): Promise<EncodedChunk | undefined> {
    this.#check(frame);
    this.#jobs.checkRoom();
    const { timestamp, duration } = frame;
    const data = this.#spare.pop() ?? new Uint8Array(this.#frameBytes);
    data.set(frame.data);
    const bitrate = this.#bitrate;
    const answer = await this.#jobs.run(
      {
        whenAborted: "remove",
        request: () => {
          const keyFrame = options.keyFrame === true || this.#keyFrameDue;
          this.#keyFrameDue = false;
          return { type: "encode", data, keyFrame, bitrate };
        },
        lost: () => {
          this.#keyFrameDue = true;
        },
      },
      options.signal,
    );
    if (answer.type !== "encoded") throw new ConicError("internal", "the worker is no encoder");
    this.#spare.push(answer.spare);
    if (answer.picture === undefined) return undefined;
    const { data: bytes, keyFrame } = answer.picture;
    return { type: keyFrame ? "key" : "delta", timestamp, duration, data: bytes };
  }

  setBitrate(bitrate: number): void {
    this.#bitrate = checkedBitrate(bitrate);
  }

  close(): Promise<void> {
    return this.#jobs.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #check({ codedWidth, codedHeight, data }: VideoFrame): void {
    if (codedWidth !== this.width || codedHeight !== this.height) {
      throw invalidArgument(
        `the encoder takes pictures of ${this.width}x${this.height}, not ${codedWidth}x${codedHeight}; make another one`,
      );
    }
    if (data.length !== this.#frameBytes) {
      throw invalidArgument(`a picture has ${this.#frameBytes} bytes, not ${data.length}`);
    }
  }
}
