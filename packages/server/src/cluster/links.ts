import { ConicError, deferred, type Clock, type Deferred, type NodeId } from "@conic/domain";
import type { Channel } from "@conic/hub";

/** Waits for nodes that are not there, for a time. */
export class Links {
  readonly #channel: Channel;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #waiting = new Map<NodeId, Set<Deferred<void>>>();
  #closed = false;

  constructor(channel: Channel, clock: Clock, timeoutMs: number) {
    this.#channel = channel;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /** @throws ConicError `shutting_down` when it does not come in time: the client is to try again. */
  async whenUp(node: NodeId): Promise<void> {
    if (this.#channel.isUp(node)) return;
    if (this.#closed) throw absent();
    const up = deferred<void>();
    const waiting = this.#waiting.get(node) ?? new Set();
    this.#waiting.set(node, waiting.add(up));
    const cancel = this.#clock.schedule(this.#timeoutMs, () => {
      up.reject(absent());
    });
    try {
      await up.promise;
    } finally {
      cancel();
      waiting.delete(up);
    }
  }

  up(node: NodeId): void {
    for (const waiting of this.#waiting.get(node) ?? []) waiting.resolve();
  }

  /** Nobody waits any more. */
  close(): void {
    this.#closed = true;
    for (const all of this.#waiting.values()) {
      for (const waiting of all) waiting.reject(absent());
    }
  }
}

function absent(): ConicError {
  const text = "the part of the server that knows this id is not there now; connect again";
  return new ConicError("shutting_down", text);
}
