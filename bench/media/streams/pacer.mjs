// Frames of many streams, each when it is due: their phases are spread over the time of a frame.

/** Writes between two looks at everything else that the process has to do. */
const writesPerTurn = 16;
/** A frame that is later than this is left out, as a live source does it. */
const maxLateMs = 200;

export class Pacer {
  /** Frames that were due. */
  planned = 0;
  /** Frames that were taken. */
  written = 0;
  #streams;
  #stepMs;
  #write;
  #startMs = performance.now();
  #isOver = false;

  /** @param {{ streams: number, perSecond: number, write: (stream: number, frame: number) => boolean }} options */
  constructor({ streams, perSecond, write }) {
    this.#streams = streams;
    this.#stepMs = 1000 / perSecond / streams;
    this.#write = write;
    this.#tick();
  }

  stop() {
    this.#isOver = true;
  }

  #tick() {
    if (this.#isOver) return;
    const isBehind = this.#writeDue();
    if (isBehind) setImmediate(() => this.#tick());
    else {
      const dueMs = this.#startMs + this.planned * this.#stepMs;
      setTimeout(() => this.#tick(), Math.max(1, dueMs - performance.now()));
    }
  }

  /** @returns whether more is due */
  #writeDue() {
    for (let i = 0; i < writesPerTurn; i += 1) {
      const lateMs = performance.now() - this.#startMs - this.planned * this.#stepMs;
      if (lateMs < 0) return false;
      const stream = this.planned % this.#streams;
      const frame = Math.floor(this.planned / this.#streams);
      this.planned += 1;
      if (lateMs <= maxLateMs && this.#write(stream, frame)) this.written += 1;
    }
    return true;
  }
}
