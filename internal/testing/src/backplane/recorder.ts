import { isConicError, type BackplaneHandler, type NodeId } from "@conic/domain";

interface Waiter {
  readonly met: () => boolean;
  readonly resolve: () => void;
}

/** Keeps what a backplane tells, and waits for more of it. */
export class Recorder implements BackplaneHandler {
  /** `up 1`, `down 1`, in order. */
  readonly events: string[] = [];
  readonly #messages = new Map<NodeId, Uint8Array[]>();
  #waiters: Waiter[] = [];
  #throwOn: NodeId | undefined;

  from(node: NodeId): readonly Uint8Array[] {
    return this.#messages.get(node) ?? [];
  }

  /** The next message of this node is one too many. */
  throwOn(node: NodeId): void {
    this.#throwOn = node;
  }

  message(from: NodeId, message: Uint8Array): void {
    if (this.#throwOn === from) {
      this.#throwOn = undefined;
      throw new Error("the test throws");
    }
    const known = this.#messages.get(from);
    if (known === undefined) this.#messages.set(from, [message]);
    else known.push(message);
    this.#check();
  }

  up(node: NodeId): void {
    this.events.push(`up ${node}`);
    this.#check();
  }

  down(node: NodeId): void {
    this.events.push(`down ${node}`);
    this.#check();
  }

  sawUp(node: NodeId, times = 1): Promise<void> {
    return this.#until(() => this.#count(`up ${node}`) >= times);
  }

  sawDown(node: NodeId, times = 1): Promise<void> {
    return this.#until(() => this.#count(`down ${node}`) >= times);
  }

  received(node: NodeId, count: number): Promise<void> {
    return this.#until(() => this.from(node).length >= count);
  }

  #count(event: string): number {
    return this.events.filter((one) => one === event).length;
  }

  #until(met: () => boolean): Promise<void> {
    if (met()) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters.push({ met, resolve });
    });
  }

  #check(): void {
    const ready = this.#waiters.filter(({ met }) => met());
    if (ready.length === 0) return;
    this.#waiters = this.#waiters.filter((waiter) => !ready.includes(waiter));
    for (const { resolve } of ready) resolve();
  }
}

/** The code of the ConicError that `run` throws; "none" when it does not. */
export async function codeOf(run: () => unknown): Promise<string> {
  try {
    await run();
    return "none";
  } catch (error) {
    if (isConicError(error)) return error.code;
    throw error;
  }
}
