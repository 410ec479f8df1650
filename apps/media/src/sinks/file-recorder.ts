import { ConicError } from "@conic/domain";
import type { Draft } from "../files/atomic-file.js";
import type { FormatSummary, MediaKind, RecordedChunk, RecordingFormat } from "./formats/format.js";
import { MediaAxis } from "./media-axis.js";
import type { Recorder, RecordingSummary } from "./recording.js";

/** Of RTP timestamps (RFC 7587 section 4.1, RFC 7741 section 4.1). */
const clockRates: Readonly<Record<MediaKind, number>> = { audio: 48_000, video: 90_000 };

export interface FileRecorderParts {
  readonly path: string;
  readonly kinds: readonly MediaKind[];
  readonly draft: Draft;
  readonly format: RecordingFormat;
}

/** Brings what tracks receive into one file, one chunk after the other. */
export class FileRecorder implements Recorder {
  readonly path: string;
  readonly #draft: Draft;
  readonly #format: RecordingFormat;
  readonly #axes: ReadonlyMap<MediaKind, MediaAxis>;
  /** Settles when the last call has been dealt with; never rejects. */
  #tail: Promise<unknown> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;
  #closed: Promise<RecordingSummary> | undefined;
  #taken = 0;
  #lost = 0;

  constructor({ path, kinds, draft, format }: FileRecorderParts) {
    this.path = path;
    this.#draft = draft;
    this.#format = format;
    this.#axes = new Map(kinds.map((kind) => [kind, new MediaAxis(clockRates[kind])]));
  }

  async write(kind: MediaKind, chunk: RecordedChunk): Promise<void> {
    if (this.#closed !== undefined) throw new ConicError("closed", "the recording is complete");
    const axis = this.#axes.get(kind);
    if (axis === undefined) {
      throw new ConicError("invalid_argument", `${this.path} does not take ${kind}`);
    }
    await this.#next(async () => {
      if (this.#failure !== undefined) {
        throw new ConicError("closed", "an earlier write failed", { cause: this.#failure.error });
      }
      try {
        await this.#format.write(kind, axis.place(chunk));
        this.#taken += 1;
        this.#lost += chunk.lostBefore;
      } catch (error) {
        this.#failure = { error };
        throw error;
      }
    });
  }

  close(): Promise<RecordingSummary> {
    this.#closed ??= this.#next(() => this.#complete());
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Runs after all that was asked for before: two tracks write into the same file. */
  #next<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(run);
    this.#tail = result.catch(() => undefined);
    return result;
  }

  async #complete(): Promise<RecordingSummary> {
    try {
      const summary = await this.#format.close();
      if (this.#failure !== undefined) throw this.#failure.error;
      return await this.#settle(summary);
    } catch (error) {
      // An hour of talk is not thrown away because the disk became full after it.
      await (this.#taken > 0 ? this.#draft.commit() : this.#draft.discard());
      throw error;
    }
  }

  async #settle(summary: FormatSummary): Promise<RecordingSummary> {
    const { size } = await this.#draft.handle.stat();
    const written = summary.audioPackets + summary.videoFrames > 0;
    await (written ? this.#draft.commit() : this.#draft.discard());
    const { path } = this;
    return { path, written, ...summary, bytes: written ? size : 0, lost: this.#lost };
  }
}
