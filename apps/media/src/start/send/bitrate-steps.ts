/** Less of a change is not worth a key frame, which libvpx makes with every change here. */
const minChange = 0.15;
const downEveryMs = 2_000;
const upEveryMs = 5_000;

/** What an encoder is set to while a target moves: in steps, for each of them costs a key frame. */
export class BitrateSteps {
  /** What the path carries, in bits a second. */
  target: number;
  #value: number;
  #changedAtMs = Number.NEGATIVE_INFINITY;

  /** @param max bits a second, which is also where it begins */
  constructor(max: number) {
    this.target = max;
    this.#value = max;
  }

  /** Bits a second, as `next` gave them last. */
  get value(): number {
    return this.#value;
  }

  /** Bits a second from now on: another value at most every 2 s down and 5 s up, and by more than 15 %. */
  next(nowMs: number): number {
    const change = this.target - this.#value;
    const waitMs = change < 0 ? downEveryMs : upEveryMs;
    const isSmall = Math.abs(change) <= minChange * this.#value;
    if (isSmall || nowMs - this.#changedAtMs < waitMs) return this.#value;
    this.#changedAtMs = nowMs;
    this.#value = this.target;
    return this.#value;
  }
}
