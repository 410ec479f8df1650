import {
  AsyncQueue,
  parseClientId,
  type Signal,
  type SignalingChannel,
  type SignalingEvent,
} from "@conic/domain";

export interface PairOptions {
  /** Ids of the two ends; the first sorts before the second, so it is polite. */
  readonly ids?: readonly [string, string];
  /** Sees each signal; returning false loses it. */
  readonly pass?: (from: string, signal: Signal) => boolean;
  /** Changes each signal on its way. */
  readonly rewrite?: (from: string, signal: Signal) => Signal;
  /** How each signal travels; default at once. Must keep the order. */
  readonly carry?: (from: string, deliver: () => void) => void;
}

export interface MemorySignaling extends SignalingChannel {
  /** Puts an event into this end, as if the other or the server had sent it. */
  inject(event: SignalingEvent): void;
  disposed: boolean;
}

/** Two ends of a signaling channel in memory, ordered and reliable. */
export function signalingPair(options: PairOptions = {}): [MemorySignaling, MemorySignaling] {
  const [a, b] = options.ids ?? ["alice", "bob"];
  const inboxes = [0, 1].map(() => new AsyncQueue<SignalingEvent>({ maxItems: 1024 }));
  const end = (local: string, remote: string, mine: number): MemorySignaling => ({
    localId: parseClientId(local),
    remoteId: parseClientId(remote),
    disposed: false,
    send: (signal) => {
      if (options.pass?.(local, signal) === false) return Promise.resolve();
      const copy = structuredClone(options.rewrite?.(local, signal) ?? signal);
      const deliver = (): void => {
        inboxes[1 - mine]?.push(copy);
      };
      if (options.carry === undefined) deliver();
      else options.carry(local, deliver);
      return Promise.resolve();
    },
    inject: (event) => {
      inboxes[mine]?.push(event);
    },
    [Symbol.asyncIterator]: () =>
      (inboxes[mine] as AsyncQueue<SignalingEvent>)[Symbol.asyncIterator](),
    [Symbol.asyncDispose]() {
      this.disposed = true;
      inboxes[mine]?.end();
      return Promise.resolve();
    },
  });
  return [end(a, b, 0), end(b, a, 1)];
}
