import { deferred, raceAbort, type Deferred } from "@conic/domain";

/** Something that changes now and then, and whoever waits for it to become so. */
export class Signpost {
  #next: Deferred<void> = deferred();

  /** Something changed. */
  raise(): void {
    const next = this.#next;
    this.#next = deferred();
    next.resolve();
  }

  /** Resolves when `isSo` after one of the changes, or now. @throws ConicError `aborted`. */
  async until(isSo: () => boolean, signal?: AbortSignal): Promise<void> {
    while (!isSo()) await raceAbort(this.#next.promise, signal);
  }
}
