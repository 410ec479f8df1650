import {
  abortError,
  ConicError,
  deferred,
  throwIfAborted,
  type Deferred,
  type Logger,
} from "@conic/domain";
import { WorkerThread, type Answer } from "./thread.js";
import type { WorkerRequest, WorkerSpec } from "./worker/types.js";

export interface Job {
  /** Called when its turn has come. */
  request(): WorkerRequest;
  /** What becomes of it when the signal fires: taken out while it waits, or done all the same with nobody to see it. */
  readonly whenAborted: "remove" | "finish";
  /** It was with the worker when the signal fired: its result is lost. */
  lost?(): void;
}

interface Waiting {
  readonly job: Job;
  readonly result: Deferred<Answer>;
}

export interface JobQueueOptions {
  readonly maxQueuedFrames: number;
  readonly logger: Logger;
  readonly workerUrl: URL;
}

/** Jobs for one worker, in order and bounded. */
export class JobQueue {
  readonly #maxQueuedFrames: number;
  readonly #waiting: Waiting[] = [];
  #current: Waiting | undefined;
  #thread: WorkerThread | undefined;
  /** Why no more is taken. */
  #end: ConicError | undefined;
  #closed: Promise<void> | undefined;

  private constructor(maxQueuedFrames: number) {
    this.#maxQueuedFrames = maxQueuedFrames;
  }

  /** @throws ConicError `unsupported`, `internal`. */
  static async start(
    spec: WorkerSpec,
    { maxQueuedFrames, logger, workerUrl }: JobQueueOptions,
  ): Promise<JobQueue> {
    const queue = new JobQueue(maxQueuedFrames);
    const thread = await WorkerThread.start(spec, workerUrl, (error) => {
      logger.error({ error: error.message }, "the VP8 worker died");
      queue.#refuse(error);
    });
    queue.#thread = thread;
    if (spec.implementation === "auto" && thread.implementation === "webp") {
      logger.warn(
        {},
        "@libav.js/variant-webm is not installed: every VP8 frame is coded as a key frame, which takes more bits; pnpm add @libav.js/variant-webm",
      );
    }
    return queue;
  }

  /** With the one that the worker is at. */
  get size(): number {
    return this.#waiting.length + (this.#current === undefined ? 0 : 1);
  }

  /** @throws ConicError `buffer_full`, `closed`, `internal` after the worker died. */
  checkRoom(): void {
    if (this.#end !== undefined) throw this.#end;
    if (this.size >= this.#maxQueuedFrames) {
      throw new ConicError("buffer_full", `${this.size} frames are waiting; await the first`);
    }
  }

  /** @throws as `checkRoom`, `aborted`, and whatever the worker answers. */
  async run(job: Job, signal: AbortSignal | undefined): Promise<Answer> {
    throwIfAborted(signal);
    this.checkRoom();
    const entry: Waiting = { job, result: deferred() };
    const onAbort = (): void => {
      if (signal !== undefined) this.#abort(entry, signal);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#waiting.push(entry);
    this.#advance();
    try {
      return await entry.result.promise;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  close(): Promise<void> {
    const reason = new ConicError("closed", "the codec was closed");
    this.#refuse(reason);
    this.#closed ??= this.#thread?.terminate(reason) ?? Promise.resolve();
    return this.#closed;
  }

  #abort(entry: Waiting, signal: AbortSignal): void {
    entry.result.reject(abortError(signal));
    if (entry === this.#current) {
      entry.job.lost?.();
    } else if (entry.job.whenAborted === "remove") {
      const index = this.#waiting.indexOf(entry);
      if (index >= 0) this.#waiting.splice(index, 1);
    }
  }

  #advance(): void {
    if (this.#current !== undefined || this.#thread === undefined) return;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#current = next;
    this.#thread.request(next.job.request()).then(
      (answer) => {
        this.#settle(() => {
          next.result.resolve(answer);
        });
      },
      (error: unknown) => {
        this.#settle(() => {
          next.result.reject(error);
        });
      },
    );
  }

  #settle(act: () => void): void {
    this.#current = undefined;
    act();
    if (this.#end === undefined) this.#advance();
  }

  #refuse(reason: ConicError): void {
    this.#end ??= reason;
    for (const { result } of this.#waiting.splice(0)) result.reject(this.#end);
  }
}
