/** A promise and the functions that settle it. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly settled: boolean;
  resolve(value: T): void;
  reject(reason: unknown): void;
}

const ignore = (): void => undefined;

type Outcome<T> =
  | { readonly isResolved: true; readonly value: T }
  | { readonly isResolved: false; readonly reason: unknown };

/**
 * Every connection has some of these for as long as it is open: methods and not a closure for each, and the promise
 * made when it is asked for, which of most is never.
 */
class Settleable<T> implements Deferred<T> {
  #promise: Promise<T> | undefined;
  #resolve: ((value: T) => void) | undefined;
  #reject: ((reason: unknown) => void) | undefined;
  #outcome: Outcome<T> | undefined;

  get promise(): Promise<T> {
    this.#promise ??= this.#make();
    return this.#promise;
  }

  get settled(): boolean {
    return this.#outcome !== undefined;
  }

  resolve(value: T): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = { isResolved: true, value };
    this.#resolve?.(value);
  }

  reject(reason: unknown): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = { isResolved: false, reason };
    this.#promise?.catch(ignore);
    this.#reject?.(reason);
  }

  #make(): Promise<T> {
    const promise = new Promise<T>((resolve, reject) => {
      const outcome = this.#outcome;
      if (outcome === undefined) {
        this.#resolve = resolve;
        this.#reject = reject;
      } else if (outcome.isResolved) resolve(outcome.value);
      else reject(outcome.reason);
    });
    if (this.#outcome !== undefined) promise.catch(ignore);
    return promise;
  }
}

/**
 * A promise that is settled from outside. A rejection that nobody awaits is not an unhandled one: a deferred is
 * also observed through events and states, and must not end the process.
 */
export function deferred<T>(): Deferred<T> {
  return new Settleable<T>();
}
