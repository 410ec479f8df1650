import { ConicError, type ClientId } from "@conic/domain";
import type { PeerConnection } from "@conic/webrtc";

/**
 * A peer that calls. Nothing of this host, such as its addresses, is told to the peer before `accept()`. The
 * caller of a call that is rejected fails with `connection_failed`; one that is left alone times out.
 */
export class IncomingCall {
  readonly remoteId: ClientId;
  readonly #accept: () => PeerConnection;
  readonly #reject: () => void;
  #state: "waiting" | "accepted" | "over" = "waiting";

  /** @internal */
  constructor(remoteId: ClientId, accept: () => PeerConnection, reject: () => void) {
    this.remoteId = remoteId;
    this.#accept = accept;
    this.#reject = reject;
  }

  /** False when it was accepted, rejected, or replaced by a newer call of the same peer. */
  get waiting(): boolean {
    return this.#state === "waiting";
  }

  /** Answers. The connection is being set up: await its `connected`. @throws ConicError `invalid_state`. */
  accept(): PeerConnection {
    if (this.#state !== "waiting") {
      throw new ConicError(
        "invalid_state",
        `the call of ${this.remoteId} is ${this.#state} already`,
      );
    }
    this.#state = "accepted";
    return this.#accept();
  }

  reject(): void {
    if (this.#state !== "waiting") return;
    this.#state = "over";
    this.#reject();
  }

  /**
   * The call is over without anyone having taken it.
   * @internal
   */
  expire(): void {
    if (this.#state === "waiting") this.#state = "over";
  }
}
