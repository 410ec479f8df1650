import type { Worker } from "node:worker_threads";
import { afterEach, beforeEach, expect } from "vitest";

/** Fails each test of the file that leaves a worker running; gives the workers of the test that runs. */
export function watchWorkers(): readonly Worker[] {
  const workers: Worker[] = [];
  const onWorker = (worker: Worker): void => {
    workers.push(worker);
  };
  beforeEach(() => {
    workers.length = 0;
    process.on("worker", onWorker);
  });
  afterEach(() => {
    process.off("worker", onWorker);
    // A thread that has ended has no number any more.
    expect(workers.map(({ threadId }) => threadId)).toEqual(workers.map(() => -1));
  });
  return workers;
}
