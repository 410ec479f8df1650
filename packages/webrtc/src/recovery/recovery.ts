import type { ClientId, Clock, ConicError } from "@conic/domain";
import type { BasePeerConnectionOptions } from "../options.js";
import { explained, explainLoss, type LossFacts } from "../failure/explain.js";

export type RecoveryOptions = Pick<
  BasePeerConnectionOptions,
  "maxIceRestarts" | "iceRestartBackoffMs"
>;

/** A polite side waits this part of the back-off longer, so that the two do not go on getting in each other's way. */
const politePart = 1 / 4;

/**
 * Looks for another path by itself while the one in use is dead: restarts ICE, waits, and does so again.
 *
 * ```
 * whole --begin()--> dead    the impolite side restarts at once, the polite one a little later
 * dead  --yield()--> dead    the other side restarts: this one waits as if it had done so
 * dead  --end()-->   whole   by either side's restart, or because the path came back
 * ```
 *
 * How long a path may stay dead, the transport decides: it fails, and the connection ends.
 */
export class Recovery {
  readonly #clock: Clock;
  readonly #polite: boolean;
  readonly #restartIce: () => void;
  /** For one outage. */
  readonly #maxRestarts: number;
  readonly #backoffMs: number;
  #isDead = false;
  #restarts = 0;
  #cancel: (() => void) | undefined;
  #hasPeerAnswered = false;
  #isPeerGone = false;

  /** @param polite the other side goes first, and this one when nothing came of it. */
  constructor(options: RecoveryOptions, clock: Clock, polite: boolean, restartIce: () => void) {
    this.#clock = clock;
    this.#polite = polite;
    this.#restartIce = restartIce;
    this.#maxRestarts = options.maxIceRestarts ?? 5;
    this.#backoffMs = options.iceRestartBackoffMs ?? 5_000;
  }

  /** The path in use is dead. */
  begin(): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#restarts = 0;
    this.#hasPeerAnswered = false;
    this.#isPeerGone = false;
    if (this.#polite) this.#schedule(this.#backoffMs * politePart);
    else this.#restart();
  }

  /** There is a path, or no connection any more. */
  end(): void {
    this.#isDead = false;
    this.#stop();
  }

  /** A description of the peer came: it looks for a path as well. */
  yield(): void {
    if (!this.#isDead) return;
    this.#hasPeerAnswered = true;
    this.#isPeerGone = false;
    this.#schedule(this.#pauseMs);
  }

  /**
   * The signaling server does not know the peer, which may be on its way back there. Returns whether that was to be
   * expected: the path is dead, and the end of it will tell.
   */
  peerGone(): boolean {
    this.#isPeerGone = true;
    return this.#isDead;
  }

  /** What the outage was, once it has ended the connection. */
  failure(
    peer: ClientId,
    facts: Pick<LossFacts, "serverErrors" | "isWaitingForServer">,
  ): ConicError<"connection_failed"> {
    const hasPeerAnswered = this.#hasPeerAnswered;
    const isPeerGone = this.#isPeerGone;
    const why = explainLoss(peer, { ...facts, hasPeerAnswered, isPeerGone });
    return explained("connection_failed", why);
  }

  get #pauseMs(): number {
    const pauseMs = this.#backoffMs * 2 ** Math.max(0, this.#restarts - 1);
    return this.#polite ? pauseMs + this.#backoffMs * politePart : pauseMs;
  }

  #restart(): void {
    if (this.#restarts >= this.#maxRestarts) return;
    this.#restarts += 1;
    this.#schedule(this.#pauseMs);
    this.#restartIce();
  }

  #schedule(delayMs: number): void {
    this.#stop();
    this.#cancel = this.#clock.schedule(delayMs, () => {
      this.#cancel = undefined;
      this.#restart();
    });
  }

  #stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
