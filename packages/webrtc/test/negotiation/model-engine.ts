import type { IceCandidate, SessionDescription } from "@conic/domain";
import { initialNegotiationState, type NegotiationState } from "../../src/negotiation/machine.js";

/** A description as the model knows it; the machine sees only its text. */
export interface ModelDescription {
  readonly id: number;
  readonly from: number;
  readonly type: "offer" | "answer";
  readonly ufrag: string;
  /** Order among the descriptions of its side. */
  readonly seq: number;
  /** Local changes of its side that it covers. */
  readonly covers: number;
  /** The offer that an answer answers. */
  readonly answers: number | undefined;
}

export interface ModelCandidate {
  readonly from: number;
  readonly ufrag: string;
  /** Of the description that it belongs to, which it may precede. */
  readonly seq: number;
  readonly named: boolean;
  delivered: boolean;
  applied: number;
}

export type Operation =
  | { readonly type: "offer"; readonly covers: number }
  | { readonly type: "answer"; readonly offer: ModelDescription; readonly covers: number }
  | { readonly type: "accept"; readonly answer: ModelDescription };

export class Violation extends Error {}

export function check(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Violation(what);
}

/** Descriptions and candidates that exist in one run, by the text that the machine sees. */
export class Registry {
  readonly descriptions: Map<string, ModelDescription> = new Map<string, ModelDescription>();
  readonly candidates: Map<string, ModelCandidate> = new Map();
  #next = 0;

  describe(made: Omit<ModelDescription, "id">): SessionDescription {
    const id = (this.#next += 1);
    const sdp = `v=0\r\no=- ${id} 1 IN IP4 0.0.0.0\r\na=ice-ufrag:${made.ufrag}\r\n`;
    this.descriptions.set(sdp, { ...made, id });
    return { type: made.type, sdp };
  }

  description(of: SessionDescription): ModelDescription {
    const found = this.descriptions.get(of.sdp);
    check(found !== undefined, "a description that nobody made");
    return found;
  }

  candidate(made: Omit<ModelCandidate, "delivered" | "applied">): IceCandidate {
    const candidate = `candidate:${(this.#next += 1)}`;
    this.candidates.set(candidate, { ...made, delivered: false, applied: 0 });
    return made.named ? { candidate, usernameFragment: made.ufrag } : { candidate };
  }

  found(candidate: IceCandidate): ModelCandidate {
    const found = this.candidates.get(candidate.candidate);
    check(found !== undefined, "a candidate that nobody made");
    return found;
  }
}

export interface ModelOptions {
  /** Whether an answer also covers what its side changed. */
  readonly answersCover: boolean;
  /** Whether a rollback brings the fragment of before the offer back, as W3C says, or keeps it, as some stacks do. */
  readonly rollbackRestoresUfrag: boolean;
}

/** One side: a WebRTC stack reduced to what negotiation sees, and the machine that drives it. */
export class ModelPeer {
  machine: NegotiationState;
  operation: Operation | undefined;
  changes = 0;
  covered = 0;
  /** What both sides agreed on last, as "offer/answer". */
  agreed = "";
  remote: ModelDescription | undefined;
  /** The last description that this side sent. */
  sent: ModelDescription | undefined;
  /** Numbers of the remote's descriptions that were in force. */
  readonly accepted: Set<number> = new Set();
  readonly #index: number;
  readonly #registry: Registry;
  readonly #options: ModelOptions;
  #pending: ModelDescription | undefined;
  #ufrag: string;
  #stableUfrag: string;
  #seq = 0;
  #fragments = 0;

  constructor(index: number, polite: boolean, registry: Registry, options: ModelOptions) {
    this.#index = index;
    this.#registry = registry;
    this.#options = options;
    this.machine = initialNegotiationState(polite);
    this.#ufrag = this.#stableUfrag = this.#newFragment();
  }

  get ufrag(): string {
    return this.#ufrag;
  }

  get seq(): number {
    return this.#seq;
  }

  get needsNegotiation(): boolean {
    return this.changes > this.covered;
  }

  /** ICE restart: the next offer has a new fragment. */
  restart(): void {
    this.#ufrag = this.#newFragment();
  }

  begin(operation: Operation): void {
    check(this.operation === undefined, "two engine operations at once");
    this.operation = operation;
  }

  /** Ends the running operation; returns the description that it made. */
  finish(): SessionDescription | undefined {
    const { operation } = this;
    check(operation !== undefined, "nothing runs");
    this.operation = undefined;
    switch (operation.type) {
      case "offer":
        return this.#describe("offer", operation.covers, undefined);
      case "answer":
        return this.#answer(operation.offer, operation.covers);
      case "accept":
        this.#accept(operation.answer);
        return undefined;
    }
  }

  /** The operation fails; a failed answer may have rolled the own offer back already. */
  fail(rolledBack: boolean): void {
    if (this.operation?.type === "answer" && rolledBack) this.#rollBack();
    this.operation = undefined;
  }

  addCandidate(candidate: IceCandidate): void {
    const model = this.#registry.found(candidate);
    check(this.remote !== undefined, "a candidate was applied before any description");
    const inTime = model.named ? model.ufrag === this.remote.ufrag : model.seq <= this.remote.seq;
    check(inTime, "a candidate was applied to a description that is not its own");
    model.applied += 1;
    check(model.applied === 1, "a candidate was applied twice");
  }

  #answer(offer: ModelDescription, covers: number): SessionDescription {
    this.#rollBack();
    this.#inForce(offer);
    const answer = this.#describe("answer", covers, offer.id);
    if (this.#options.answersCover) this.covered = Math.max(this.covered, covers);
    this.agreed = `${offer.id}/${this.#registry.description(answer).id}`;
    this.#stableUfrag = this.#ufrag;
    return answer;
  }

  #accept(answer: ModelDescription): void {
    const pending = this.#pending;
    check(pending !== undefined, "an answer was accepted without an offer");
    check(answer.answers === pending.id, "an answer to another offer was accepted");
    this.#pending = undefined;
    this.#inForce(answer);
    this.covered = Math.max(this.covered, pending.covers);
    this.agreed = `${pending.id}/${answer.id}`;
    this.#stableUfrag = this.#ufrag;
  }

  #rollBack(): void {
    if (this.#pending === undefined) return;
    this.#pending = undefined;
    if (this.#options.rollbackRestoresUfrag) this.#ufrag = this.#stableUfrag;
  }

  #inForce(remote: ModelDescription): void {
    this.remote = remote;
    this.accepted.add(remote.seq);
  }

  #describe(
    type: "offer" | "answer",
    covers: number,
    answers: number | undefined,
  ): SessionDescription {
    this.#seq += 1;
    const { ufrag } = this;
    const made = this.#registry.describe({
      from: this.#index,
      type,
      ufrag,
      seq: this.#seq,
      covers,
      answers,
    });
    this.sent = this.#registry.description(made);
    if (type === "offer") this.#pending = this.sent;
    return made;
  }

  #newFragment(): string {
    this.#fragments += 1;
    return `side${this.#index}.${this.#fragments}`;
  }
}
