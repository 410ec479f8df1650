import type { Clock, ConicError } from "@conic/domain";
import type { EngineOptions, EngineState } from "../../engine/port.js";

/** For a browser that forgets to close a channel. */
const endsWithinMs = 2_000;

export interface LifeHost {
  state(state: EngineState, reason?: ConicError): void;
  stalled(): void;
  fault(error: unknown, what: string): void;
  /** A path was found once. */
  hasPath(): boolean;
  hasSignOfLife(): boolean;
}

/**
 * The states of the engine out of those of a browser.
 *
 * A browser decides by itself when a path is silent, and fails sooner than Conic gives up: from then on, the time that
 * is left until `failedTimeoutMs` is for finding another path.
 */
export class NativeLife {
  readonly #options: EngineOptions;
  readonly #clock: Clock;
  readonly #host: LifeHost;
  readonly #timers = new Set<() => void>();
  #state: EngineState = "new";
  #hasEnded = false;
  #isStopped = false;
  #stopWaiting: (() => void) | undefined;

  constructor(options: EngineOptions, clock: Clock, host: LifeHost) {
    this.#options = options;
    this.#clock = clock;
    this.#host = host;
  }

  get isUp(): boolean {
    return this.#state === "connected" || this.#state === "disconnected";
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Ends all timers; no event comes after this. */
  stop(): void {
    this.#isStopped = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  connecting(): void {
    if (this.#state === "new") this.#set("connecting");
  }

  connected(): void {
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
    this.#set("connected");
    if (this.#hasEnded) this.ended();
  }

  /** The path is silent. */
  disconnected(): void {
    if (this.#state !== "connected") return;
    this.#set("disconnected");
    const { failedTimeoutMs, disconnectedTimeoutMs } = this.#options;
    const leftMs = Math.max(0, failedTimeoutMs - disconnectedTimeoutMs);
    this.#stopWaiting = this.#after(leftMs, () => {
      this.#set("failed");
    });
  }

  /** The browser gave up. */
  failed(): void {
    if (this.#state === "connected") this.disconnected();
    if (this.isUp) return;
    // A handshake that failed had a path.
    if (this.#host.hasPath()) this.#host.stalled();
    else this.#set("failed");
  }

  /** The remote closed DTLS or the association; what it sent before is handed out first. */
  endsSoon(): void {
    this.#after(endsWithinMs, () => {
      this.ended();
    });
  }

  /** Nothing more comes. */
  ended(): void {
    this.#hasEnded = true;
    if (this.isUp) this.#set("closed");
  }

  /** Both descriptions are there: this long to find a path. */
  watchPath(): void {
    const { pathTimeoutMs, silentPathTimeoutMs } = this.#options;
    this.#stallAfter(pathTimeoutMs, () => this.#host.hasPath());
    this.#stallAfter(silentPathTimeoutMs, () => this.#host.hasSignOfLife());
  }

  /** A path exists: this long for DTLS. */
  watchHandshake(): void {
    this.#stallAfter(this.#options.handshakeTimeoutMs, () => false);
  }

  #stallAfter(delayMs: number, isOver: () => boolean): void {
    if (this.#state !== "new" && this.#state !== "connecting") return;
    this.#after(delayMs, () => {
      const isSearching = this.#state === "new" || this.#state === "connecting";
      if (isSearching && !isOver()) this.#host.stalled();
    });
  }

  #after(delayMs: number, action: () => void): () => void {
    const cancel = this.#clock.schedule(delayMs, () => {
      this.#timers.delete(cancel);
      if (this.#isStopped) return;
      try {
        action();
      } catch (error) {
        this.#host.fault(error, "a timer");
      }
    });
    this.#timers.add(cancel);
    return () => {
      this.#timers.delete(cancel);
      cancel();
    };
  }

  #set(state: EngineState): void {
    if (this.#isStopped || this.#state === state) return;
    if (this.#state === "closed" || this.#state === "failed") return;
    this.#state = state;
    this.#host.state(state);
  }
}
