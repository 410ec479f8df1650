import type { IceCandidate, Signal } from "@conic/domain";
import {
  maxQueuedSignals,
  stepNegotiation,
  type NegotiationEffect,
  type NegotiationInput,
} from "../../src/negotiation/machine.js";
import { check, ModelPeer, Registry, type ModelOptions } from "./model-engine.js";

export interface WorldOptions extends ModelOptions {
  /** Which side is polite; nobody else may be. */
  readonly politeSide: 0 | 1;
  /** Out of 256 completions, how many fail. */
  readonly failures: number;
}

const maxSteps = 20_000;

/** Two machines, two engines and the two ordered channels between them; every choice comes from `entropy`. */
export class World {
  readonly registry: Registry = new Registry();
  readonly peers: readonly [ModelPeer, ModelPeer];
  readonly #channels: readonly [Signal[], Signal[]] = [[], []];
  readonly #options: WorldOptions;
  failed = 0;
  steps = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    const peer = (side: 0 | 1): ModelPeer =>
      new ModelPeer(side, options.politeSide === side, this.registry, options);
    this.peers = [peer(0), peer(1)];
  }

  /** Runs one choice per byte, then lets everything that is under way finish without failures. */
  run(entropy: readonly number[]): void {
    let at = 0;
    const draw = (): number => entropy[at++] ?? 0;
    while (at < entropy.length) this.#act(draw);
    this.drain();
  }

  /** Delivers and completes until nothing is under way. */
  drain(): void {
    for (let turn = 0; this.#underWay(); turn += 1) {
      this.#count();
      const side = (turn % 2) as 0 | 1;
      this.#deliver(side);
      this.#complete(side, 255, 0);
    }
  }

  change(side: 0 | 1): void {
    this.peers[side].changes += 1;
    this.#input(side, { type: "needed" });
  }

  #act(draw: () => number): void {
    this.#count();
    const choice = draw();
    const side = (choice & 1) as 0 | 1;
    switch ((choice >> 1) % 8) {
      case 0:
        this.change(side);
        return;
      case 1:
      case 2:
        this.#trickle(side, (choice & 64) !== 0);
        return;
      case 3:
        if ((choice & 64) !== 0 && this.peers[side].operation === undefined) {
          this.peers[side].restart();
        }
        return;
      case 4:
      case 5:
        this.#complete(side, draw(), choice & 64);
        return;
      default:
        this.#deliver(side);
    }
  }

  #deliver(to: 0 | 1): void {
    const signal = this.#channels[to].shift();
    if (signal === undefined) return;
    if (signal.kind === "candidate") this.registry.found(signal.candidate).delivered = true;
    this.#input(to, { type: "signal", signal });
  }

  #complete(side: 0 | 1, luck: number, rolledBack: number): void {
    const peer = this.peers[side];
    if (peer.operation === undefined) return;
    if (luck < this.#options.failures) {
      this.failed += 1;
      peer.fail(rolledBack !== 0);
      this.#input(side, { type: "failed" });
      return;
    }
    const description = peer.finish();
    const needed = peer.needsNegotiation;
    this.#input(
      side,
      description === undefined ? { type: "done", needed } : { type: "done", description, needed },
    );
  }

  /** A candidate for the last description sent, or one that is early for the offer being made. */
  #trickle(side: 0 | 1, named: boolean): void {
    const peer = this.peers[side];
    const early = peer.operation?.type === "offer";
    // A nameless candidate that is early cannot be told from one of the description before.
    if (peer.sent === undefined ? !early : early && !named) return;
    if (!early && peer.sent?.ufrag !== peer.ufrag) return;
    const candidate: IceCandidate = this.registry.candidate({
      from: side,
      ufrag: peer.ufrag,
      seq: early ? peer.seq + 1 : peer.seq,
      named,
    });
    this.#send(side, { kind: "candidate", candidate });
  }

  #send(from: 0 | 1, signal: Signal): void {
    this.#channels[from === 0 ? 1 : 0].push(signal);
  }

  #input(side: 0 | 1, input: NegotiationInput): void {
    const peer = this.peers[side];
    const { state, effects } = stepNegotiation(peer.machine, input);
    peer.machine = state;
    check(state.inbox.length <= maxQueuedSignals, "the inbox grew above its limit");
    check(state.candidates.length <= maxQueuedSignals, "the candidates grew above their limit");
    for (const effect of effects) this.#effect(side, effect);
    check(
      (state.running === "none") === (peer.operation === undefined),
      "the machine waits for an operation that does not run",
    );
  }

  #effect(side: 0 | 1, effect: NegotiationEffect): void {
    const peer = this.peers[side];
    const covers = peer.changes;
    switch (effect.type) {
      case "offer":
        peer.begin({ type: "offer", covers });
        return;
      case "answer":
        peer.begin({ type: "answer", offer: this.registry.description(effect.offer), covers });
        return;
      case "accept":
        peer.begin({ type: "accept", answer: this.registry.description(effect.answer) });
        return;
      case "send":
        this.#send(side, { kind: "description", description: effect.description });
        return;
      case "addCandidate":
        peer.addCandidate(effect.candidate);
        return;
      case "refused":
      case "dropped":
        return;
    }
  }

  #underWay(): boolean {
    return this.#channels.some((c) => c.length > 0) || this.peers.some((p) => p.operation);
  }

  #count(): void {
    this.steps += 1;
    check(this.steps < maxSteps, "the negotiation does not come to rest");
  }
}
