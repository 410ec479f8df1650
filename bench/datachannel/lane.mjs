// One direction of an emulated path: delay, loss, an Ethernet MTU and a bounded queue. No socket and no timer.

/** Largest UDP payload of an Ethernet path. */
export const maxDatagramBytes = 1472;
const maxQueueBytes = 4 * 1024 * 1024;
/** A timer comes up to 1 ms late; what is released with it comes as often early. */
export const slackMs = 0.5;

/** A small seeded generator (mulberry32), so that every contender meets the same losses. @param {number} seed */
export function random(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export class Lane {
  /** @type {Buffer[]} */
  #datagrams = [];
  /** @type {number[]} */
  #due = [];
  #head = 0;
  #queuedBytes = 0;
  #delayMs;
  #loss;
  #random;
  #send;
  stats = { forwarded: 0, lost: 0, tooLarge: 0, queueFull: 0, lateMs: 0 };

  /** @param {{ delayMs: number, loss: number, seed: number, send: (datagram: Buffer) => void }} options */
  constructor({ delayMs, loss, seed, send }) {
    this.#delayMs = delayMs;
    this.#loss = loss;
    this.#random = random(seed);
    this.#send = send;
  }

  /** When to call `release` next. */
  get nextMs() {
    return this.#due[this.#head];
  }

  /** @param {Buffer} datagram @param {number} nowMs */
  push(datagram, nowMs) {
    if (datagram.length > maxDatagramBytes) this.stats.tooLarge += 1;
    else if (this.#loss > 0 && this.#random() < this.#loss) this.stats.lost += 1;
    else if (this.#queuedBytes + datagram.length > maxQueueBytes) this.stats.queueFull += 1;
    else {
      this.#queuedBytes += datagram.length;
      this.#datagrams.push(datagram);
      this.#due.push(nowMs + this.#delayMs);
    }
  }

  /** Sends what is due. @param {number} nowMs */
  release(nowMs) {
    const { stats } = this;
    for (; this.#head < this.#due.length; this.#head += 1) {
      const lateMs = nowMs - /** @type {number} */ (this.#due[this.#head]);
      if (lateMs < -slackMs) break;
      const datagram = /** @type {Buffer} */ (this.#datagrams[this.#head]);
      this.#queuedBytes -= datagram.length;
      stats.forwarded += 1;
      stats.lateMs += lateMs;
      this.#send(datagram);
    }
    if (this.#head > 1024 || this.#head === this.#due.length) {
      this.#datagrams.splice(0, this.#head);
      this.#due.splice(0, this.#head);
      this.#head = 0;
    }
  }
}
