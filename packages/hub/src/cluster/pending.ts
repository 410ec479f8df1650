import type { Clock, NodeId } from "@conic/domain";

interface Question<T> {
  readonly node: NodeId;
  readonly deadlineMs: number;
  readonly answer: (answer: T) => void;
  readonly lost: () => void;
}

const maxNumber = 0xffff_ffff;

/** Questions to other nodes that wait for an answer, each for a time at most. */
export class Pending<T> {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  /** In the order in which they were asked, which is that of their deadlines. */
  readonly #questions = new Map<number, Question<T>>();
  #last = 0;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  get size(): number {
    return this.#questions.size;
  }

  /** Returns the number of the question. Either `answer` is called, once, or `lost`: late, or the node went down. */
  add(node: NodeId, answer: (answer: T) => void, lost: () => void): number {
    this.#last = this.#last === maxNumber ? 1 : this.#last + 1;
    const deadlineMs = this.#clock.now() + this.#timeoutMs;
    this.#questions.set(this.#last, { node, deadlineMs, answer, lost });
    this.#arm();
    return this.#last;
  }

  /** What comes too late, or from a node that was not asked, is nobody's. */
  answer(node: NodeId, number: number, answer: T): void {
    const question = this.#questions.get(number);
    if (question?.node !== node) return;
    this.#questions.delete(number);
    question.answer(answer);
  }

  /** The node answers no more. */
  lose(node: NodeId): void {
    for (const [number, question] of this.#questions) {
      if (question.node === node) this.#drop(number, question);
    }
  }

  loseAll(): void {
    for (const [number, question] of this.#questions) this.#drop(number, question);
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #drop(number: number, question: Question<T>): void {
    this.#questions.delete(number);
    question.lost();
  }

  /** One timer for all, and none while nothing is asked. */
  #arm(): void {
    if (this.#cancelTimer !== undefined) return;
    const [first] = this.#questions.values();
    if (first === undefined) return;
    const delayMs = Math.max(1, first.deadlineMs - this.#clock.now());
    this.#cancelTimer = this.#clock.schedule(delayMs, () => {
      this.#cancelTimer = undefined;
      const now = this.#clock.now();
      for (const [number, question] of this.#questions) {
        if (question.deadlineMs > now) break;
        this.#drop(number, question);
      }
      this.#arm();
    });
  }
}
