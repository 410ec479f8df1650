import type { ClientId, ConicError } from "@conic/domain";
import { Attempt, type AttemptHost } from "./attempt.js";
import { explained, explainSetUp, type Explanation } from "../failure/explain.js";
import type { MediaTypes, Platform } from "../platform.js";

export interface AttemptsHost<M extends MediaTypes> extends Omit<AttemptHost<M>, "isFirst"> {
  readonly platform: Platform<M>;
  /** A description waits for the signaling server to take it. */
  readonly isWaitingForServer: () => boolean;
}

/** How much an explanation tells: the further the connection has come, the more. */
const weights: Readonly<Partial<Record<Explanation["reason"], number>>> = {
  timeout: 0,
  server_unreachable: 1,
  no_candidates: 2,
  no_candidate_pair: 2,
  dtls: 3,
};

const weight = ({ reason }: Explanation): number => weights[reason] ?? 0;

/** The tries at one connection, of which the last one counts. */
export class Attempts<M extends MediaTypes> {
  readonly #host: AttemptsHost<M>;
  #current: Attempt<M>;
  #count = 1;
  /** Those that were given up and are still closing. */
  #retired: Promise<unknown> = Promise.resolve();
  /** Why the ones before came to nothing. */
  #before: Explanation | undefined;

  constructor(host: AttemptsHost<M>) {
    this.#host = host;
    this.#current = this.#open();
  }

  get current(): Attempt<M> {
    return this.#current;
  }

  get count(): number {
    return this.#count;
  }

  /** Gives the current one up for a new one. */
  next(): Attempt<M> {
    this.#before = this.#explain();
    const old = this.#current;
    this.#count += 1;
    this.#current = this.#open();
    this.#retired = Promise.all([this.#retired, old.close()]);
    return this.#current;
  }

  /** Why there is no connection. */
  failure(): ConicError<"connection_failed"> {
    return explained("connection_failed", this.#explain());
  }

  /** Why there is none after all this time. */
  timeout(timeoutMs: number): ConicError<"timeout"> {
    const why = this.#explain();
    const text = `${this.#remoteId} did not connect within ${timeoutMs} ms: ${why.text}`;
    return explained("timeout", { ...why, text });
  }

  async close(): Promise<void> {
    await Promise.all([this.#current.close(), this.#retired]);
  }

  get #remoteId(): ClientId {
    return this.#host.options.signaling.remoteId;
  }

  /** An attempt that has just begun knows less than the one before. */
  #explain(): Explanation {
    const { engine, negotiator } = this.#current;
    const now = explainSetUp(this.#remoteId, {
      progress: engine.progress(),
      isDescribed: negotiator.remoteDescription !== undefined,
      isWaitingForServer: this.#host.isWaitingForServer(),
    });
    const before = this.#before;
    return before !== undefined && weight(before) > weight(now) ? before : now;
  }

  #open(): Attempt<M> {
    const host = this.#host;
    /** What an attempt that was given up says counts no more. */
    const current =
      <A extends unknown[]>(act: (...args: A) => void) =>
      (...args: A): void => {
        if (attempt === this.#current) act(...args);
      };
    const attempt: Attempt<M> = new Attempt(host.platform, {
      options: host.options,
      polite: host.polite,
      isFirst: this.#count === 1,
      send: current(host.send),
      state: current(host.state),
      path: current(host.path),
      stalled: current(host.stalled),
      refused: current(host.refused),
      channel: current(host.channel),
      track: current(host.track),
      fault: current(host.fault),
    });
    return attempt;
  }
}
