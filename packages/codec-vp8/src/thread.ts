import { ConicError, deferred, type Deferred } from "@conic/domain";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { Implementation, WorkerReply, WorkerRequest, WorkerSpec } from "./worker/types.js";

/** The same place beside index.ts, index.js and index.cjs. */
export const ownWorkerUrl: URL = new URL("./worker/main.mjs", import.meta.url);

/** Characters of a message that a dead worker leaves: it may quote a library, which is one line of 270 kB. */
const maxMessageChars = 300;

export type Answer = Exclude<WorkerReply, { readonly type: "ready" | "failed" }>;

/**
 * A worker that answers one request at a time. It keeps the process alive only while a request is with it.
 */
export class WorkerThread {
  readonly implementation: Implementation;
  readonly #worker: Worker;
  readonly #failed: (error: ConicError) => void;
  #request: Deferred<Answer> | undefined;
  #ended = false;

  private constructor(
    worker: Worker,
    implementation: Implementation,
    failed: (error: ConicError) => void,
  ) {
    this.#worker = worker;
    this.implementation = implementation;
    this.#failed = failed;
    worker.on("message", (reply: WorkerReply) => {
      this.#take(reply);
    });
    // After "error" comes "exit"; the first of them says more.
    worker.on("error", (error) => {
      this.#die(error);
    });
    worker.on("exit", (code) => {
      this.#die(new Error(`it ended with code ${code}`));
    });
    worker.unref();
  }

  /**
   * @param failed called once when the worker dies by itself; the request that is with it, if any, rejects with the same
   * @throws ConicError `unsupported` when a package or the file of the worker is missing, `internal`.
   */
  static async start(
    spec: WorkerSpec,
    workerUrl: URL,
    failed: (error: ConicError) => void,
  ): Promise<WorkerThread> {
    if (!existsSync(workerUrl)) {
      throw new ConicError(
        "unsupported",
        `the worker of @conic/codec-vp8 is not at ${fileURLToPath(workerUrl)}; if the program is bundled, leave @conic/codec-vp8 external`,
      );
    }
    // With stdout and stderr true, nothing of the worker is printed. To read them would keep the process alive.
    const worker = new Worker(workerUrl, { workerData: spec, stdout: true, stderr: true });
    try {
      return new WorkerThread(worker, await ready(worker), failed);
    } catch (error) {
      await worker.terminate();
      throw error;
    }
  }

  /** One at a time: the next one after the answer. Rejects with what the worker answers, `internal` or `closed`. */
  request(request: WorkerRequest): Promise<Answer> {
    const answer = deferred<Answer>();
    this.#request = answer;
    this.#worker.ref();
    this.#worker.postMessage(request, [request.data.buffer]);
    return answer.promise;
  }

  /** What is with the worker is refused with `reason`. Resolves when the thread has ended. */
  async terminate(reason: ConicError): Promise<void> {
    this.#ended = true;
    this.#request?.reject(reason);
    this.#request = undefined;
    await this.#worker.terminate();
  }

  #take(reply: WorkerReply): void {
    const request = this.#request;
    this.#request = undefined;
    this.#worker.unref();
    if (reply.type === "failed") request?.reject(new ConicError(reply.code, reply.message));
    else if (reply.type !== "ready") request?.resolve(reply);
  }

  #die(reason: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    const error = deathOf(reason);
    this.#request?.reject(error);
    this.#request = undefined;
    this.#failed(error);
  }
}

/** What the worker says first; it says so within a second, or dies. */
async function ready(worker: Worker): Promise<Implementation> {
  const first = deferred<Implementation>();
  const onMessage = (reply: WorkerReply): void => {
    if (reply.type === "ready") first.resolve(reply.implementation);
    else if (reply.type === "failed") first.reject(new ConicError(reply.code, reply.message));
  };
  const onExit = (code: number): void => {
    first.reject(deathOf(new Error(`it ended with code ${code}`)));
  };
  // This one stays: a worker may report an error still while it is being terminated.
  worker.on("error", (error) => {
    first.reject(deathOf(error));
  });
  worker.once("message", onMessage);
  worker.once("exit", onExit);
  try {
    return await first.promise;
  } finally {
    worker.off("message", onMessage);
    worker.off("exit", onExit);
  }
}

function deathOf(reason: Error): ConicError<"internal"> {
  return new ConicError("internal", `the VP8 worker died: ${shortened(reason.message)}`);
}

function shortened(text: string): string {
  return text.length > maxMessageChars ? `${text.slice(0, maxMessageChars)}…` : text;
}
