import { isBefore } from "../wire/serial.js";
import { chunkState, type SentChunk } from "./outbound.js";

/** Lost chunks that wait to be sent again, oldest TSN first. */
export class Retransmissions {
  #chunks: SentChunk[] = [];
  #head = 0;
  #sorted = true;

  /** What to send next; what has been acknowledged or given up meanwhile is passed over. */
  get first(): SentChunk | undefined {
    if (!this.#sorted) this.#sort();
    for (;;) {
      const chunk = this.#chunks[this.#head];
      if (chunk === undefined || chunk.state === chunkState.lost) return chunk;
      this.shift();
    }
  }

  add(chunk: SentChunk): void {
    const last = this.#chunks.at(-1);
    if (last !== undefined && isBefore(chunk.tsn, last.tsn)) this.#sorted = false;
    this.#chunks.push(chunk);
  }

  shift(): void {
    this.#head += 1;
    if (this.#head < this.#chunks.length) return;
    this.#chunks = [];
    this.#head = 0;
    this.#sorted = true;
  }

  #sort(): void {
    this.#chunks = this.#chunks
      .slice(this.#head)
      .filter(({ state }) => state === chunkState.lost)
      .toSorted((a, b) => (isBefore(a.tsn, b.tsn) ? -1 : 1));
    this.#head = 0;
    this.#sorted = true;
  }
}
