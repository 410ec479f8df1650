/** A promise and the functions that settle it. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly settled: boolean;
  resolve(value: T): void;
  reject(reason: unknown): void;
}

const ignore = (): void => undefined;

/** Every connection has some of these for as long as it is open: methods, and not a closure for each. */
class Settleable<T> implements Deferred<T> {
  readonly promise: Promise<T>;
  #resolve!: (value: T) => void;
  #reject!: (reason: unknown) => void;
  #settled = false;

  constructor() {
    this.promise = new Promise<T>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.promise.catch(ignore);
  }

  get settled(): boolean {
    return this.#settled;
  }

  resolve(value: T): void {
    this.#settled = true;
    this.#resolve(value);
  }

  reject(reason: unknown): void {
    this.#settled = true;
    this.#reject(reason);
  }
}

/**
 * A promise that is settled from outside. A rejection that nobody awaits is not an unhandled one: a deferred is
 * also observed through events and states, and must not end the process.
 */
export function deferred<T>(): Deferred<T> {
  return new Settleable<T>();
}
