import type { AbortOptions } from "./abort.js";

export type Listener<T> = (event: T) => void;

/** The subscribing half of an {@link Emitter}: what objects with typed events expose. */
export interface EventSource<Events> {
  /** Calls `listener` for each event until the returned function is called or the signal fires. */
  on<K extends keyof Events>(
    type: K,
    listener: Listener<Events[K]>,
    options?: AbortOptions,
  ): () => void;
}

/**
 * Typed events, delivered synchronously and in order of subscription.
 *
 * A listener that throws neither stops the others nor ends the process: what it threw goes to `onListenerError`.
 */
export class Emitter<Events> implements EventSource<Events> {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>();
  readonly #onListenerError: (error: unknown, type: keyof Events) => void;

  constructor(onListenerError: (error: unknown, type: keyof Events) => void) {
    this.#onListenerError = onListenerError;
  }

  on<K extends keyof Events>(
    type: K,
    listener: Listener<Events[K]>,
    options: AbortOptions = {},
  ): () => void {
    const { signal } = options;
    if (signal?.aborted === true) return () => undefined;
    let listeners = this.#listeners.get(type);
    if (listeners === undefined) this.#listeners.set(type, (listeners = new Set()));
    const entry: Listener<Events[K]> = (event) => {
      listener(event);
    };
    listeners.add(entry);
    const off = (): void => {
      listeners.delete(entry);
      signal?.removeEventListener("abort", off);
    };
    signal?.addEventListener("abort", off, { once: true });
    return off;
  }

  emit<K extends keyof Events>(type: K, event: Events[K]): void {
    // A copy: a listener may unsubscribe itself or others.
    for (const listener of Array.from(this.#listeners.get(type) ?? [])) {
      try {
        (listener as Listener<Events[K]>)(event);
      } catch (error) {
        this.#onListenerError(error, type);
      }
    }
  }

  listenerCount(type: keyof Events): number {
    return this.#listeners.get(type)?.size ?? 0;
  }
}
