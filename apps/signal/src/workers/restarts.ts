const firstDelayMs = 50;
const maxDelayMs = 10_000;
/** Who has worked for so long has not died of the restart. */
const steadyMs = 10_000;

/** How long to wait before a worker that died is started again: longer each time, unless it had worked for a while. */
export class Restarts {
  #delayMs = firstDelayMs;

  nextMs(workedMs: number): number {
    if (workedMs >= steadyMs) this.#delayMs = firstDelayMs;
    const delayMs = this.#delayMs;
    this.#delayMs = Math.min(maxDelayMs, 2 * delayMs);
    return delayMs;
  }
}
