/**
 * The time that `attempt` takes, in ms: of the first one that stays below the limit, else of the quickest of five, for
 * the machine may be busy with other things.
 */
export async function quickest(
  limitMs: number,
  attempt: () => number | Promise<number>,
): Promise<number> {
  let best = Infinity;
  for (let round = 0; round < 5 && best >= limitMs; round += 1) {
    best = Math.min(best, await attempt());
  }
  return best;
}

/** A time within which a test has to do something: afterwards, what it is about is over. */
export class Lifetime {
  readonly ms: number;
  #begunAt = Infinity;
  #doneAt: number | undefined;

  constructor(ms: number) {
    this.ms = ms;
  }

  begin(): void {
    this.#begunAt = performance.now();
  }

  /** The test has done what it had to do in this time: what it finds from now on is no matter of haste. */
  done(): void {
    this.#doneAt ??= performance.now();
  }

  get isMissed(): boolean {
    return (this.#doneAt ?? performance.now()) - this.#begunAt >= this.ms;
  }
}

/**
 * For what can only be done while something lasts. An attempt that failed for it was not done in time shows nothing
 * about the program, but that the machine is busy: the next lifetime is tried. Other failures stand.
 */
export async function whileItLasts(
  lifetimesMs: readonly number[],
  attempt: (lifetime: Lifetime) => Promise<void>,
): Promise<void> {
  for (const [index, ms] of lifetimesMs.entries()) {
    const lifetime = new Lifetime(ms);
    try {
      await attempt(lifetime);
      return;
    } catch (error) {
      if (!lifetime.isMissed || index === lifetimesMs.length - 1) throw error;
    }
  }
}
