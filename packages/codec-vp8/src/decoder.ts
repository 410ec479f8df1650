import {
  ConicError,
  type AbortOptions,
  type EncodedChunk,
  type VideoDecoder,
  type VideoFrame,
} from "@conic/domain";
import type { JobQueue } from "./jobs.js";

export class Vp8Decoder implements VideoDecoder {
  readonly #jobs: JobQueue;

  constructor(jobs: JobQueue) {
    this.#jobs = jobs;
  }

  get decodeQueueSize(): number {
    return this.#jobs.size;
  }

  async decode(chunk: EncodedChunk, options: AbortOptions = {}): Promise<VideoFrame | undefined> {
    this.#jobs.checkRoom();
    // A copy, as the chunk stays its holder's.
    const data = new Uint8Array(chunk.data);
    const answer = await this.#jobs.run(
      // Later frames build on it, whoever waits for it or not.
      { whenAborted: "finish", request: () => ({ type: "decode", data }) },
      options.signal,
    );
    if (answer.type !== "decoded") throw new ConicError("internal", "the worker is no decoder");
    if (answer.picture === undefined) return undefined;
    const { width, height, data: bytes } = answer.picture;
    const { timestamp, duration } = chunk;
    return { codedWidth: width, codedHeight: height, timestamp, duration, data: bytes };
  }

  close(): Promise<void> {
    return this.#jobs.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
