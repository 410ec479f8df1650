import { ConicError, type IceCandidate, type SessionDescription, type Signal } from "@conic/domain";
import type { TransportConnection } from "../engine/port.js";
import {
  initialNegotiationState,
  stepNegotiation,
  type NegotiationEffect,
  type NegotiationInput,
  type NegotiationState,
} from "./machine.js";

export interface NegotiatorEvents {
  /** A description to send to the remote. */
  send(description: SessionDescription): void;
  /** The remote will not answer the offer: it cannot use it, or does not want the call. */
  refused(): void;
  /** An operation failed, or a signal was dropped; the negotiation itself goes on. */
  fault(error: ConicError): void;
}

/** Drives the negotiation machine over one engine connection: runs its effects and feeds back how they ended. */
export class Negotiator {
  readonly #engine: TransportConnection;
  readonly #events: NegotiatorEvents;
  #state: NegotiationState;
  #stopped = false;
  #candidatesQueued = 0;
  #isOfferer = false;
  #isSpoilt = false;

  constructor(engine: TransportConnection, polite: boolean, events: NegotiatorEvents) {
    this.#engine = engine;
    this.#events = events;
    this.#state = initialNegotiationState(polite);
  }

  get signalingState(): "stable" | "have-local-offer" | "have-remote-offer" {
    return this.#state.running === "answer" ? "have-remote-offer" : this.#state.signaling;
  }

  /** The remote description in force or being applied. */
  get remoteDescription(): SessionDescription | undefined {
    return this.#state.applying ?? this.#state.remote;
  }

  /** Whether the last description that this side sent was an offer. */
  get isOfferer(): boolean {
    return this.#isOfferer;
  }

  /** A remote offer failed half-way: what the engine made of it is unknown. */
  get isSpoilt(): boolean {
    return this.#isSpoilt;
  }

  /** Candidates that came before their description and had to wait. */
  get candidatesQueued(): number {
    return this.#candidatesQueued;
  }

  needed(): void {
    this.#input({ type: "needed" });
  }

  signal(signal: Signal): void {
    this.#input({ type: "signal", signal });
  }

  /** An offer that was not answered yet may have got lost: the next change is offered all the same. */
  unanswered(): void {
    this.#input({ type: "unanswered" });
  }

  /** No effect runs and no event is sent after this. */
  stop(): void {
    this.#stopped = true;
  }

  #input(input: NegotiationInput): void {
    if (this.#stopped) return;
    const waiting = this.#state.candidates.length;
    const { state, effects } = stepNegotiation(this.#state, input);
    this.#state = state;
    if (state.candidates.length > waiting) this.#candidatesQueued += 1;
    for (const effect of effects) this.#run(effect);
  }

  #run(effect: NegotiationEffect): void {
    switch (effect.type) {
      case "offer":
        this.#operate("creating an offer", () => this.#engine.offer());
        return;
      case "answer":
        this.#operate("answering the offer", () => this.#engine.answer(effect.offer));
        return;
      case "accept":
        this.#operate("accepting the answer", () => this.#engine.accept(effect.answer));
        return;
      case "send":
        if (effect.description.type !== "rollback") {
          this.#isOfferer = effect.description.type === "offer";
        }
        this.#events.send(effect.description);
        return;
      case "addCandidate":
        void this.#addCandidate(effect.candidate);
        return;
      case "refused":
        this.#events.refused();
        return;
      case "dropped":
        this.#events.fault(
          new ConicError(
            "negotiation_failed",
            `a remote ${effect.what} was dropped: ${effect.why}`,
          ),
        );
        return;
    }
  }

  #operate(what: string, operation: () => Promise<SessionDescription | void>): void {
    operation().then(
      (description) => {
        const needed = this.#engine.needsNegotiation();
        if (description === undefined) this.#input({ type: "done", needed });
        else this.#input({ type: "done", description, needed });
      },
      (error: unknown) => {
        if (this.#state.running === "answer") this.#isSpoilt = true;
        if (!this.#stopped)
          this.#events.fault(ConicError.from(error, "negotiation_failed", `${what} failed`));
        this.#input({ type: "failed" });
      },
    );
  }

  async #addCandidate(candidate: IceCandidate): Promise<void> {
    try {
      await this.#engine.addCandidate(candidate);
    } catch (error) {
      if (this.#stopped) return;
      this.#events.fault(
        ConicError.from(error, "negotiation_failed", "a remote candidate is not usable"),
      );
    }
  }
}
