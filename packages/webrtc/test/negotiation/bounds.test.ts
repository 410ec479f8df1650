import type { IceCandidate, SessionDescription, Signal } from "@conic/domain";
import { describe, expect, it } from "vitest";
import {
  initialNegotiationState,
  maxQueuedSignals,
  stepNegotiation,
  type NegotiationEffect,
  type NegotiationInput,
  type NegotiationState,
} from "../../src/negotiation/machine.js";

const offer: SessionDescription = { type: "offer", sdp: "v=0\r\na=ice-ufrag:remote\r\n" };
const answer: SessionDescription = { type: "answer", sdp: "v=0\r\na=ice-ufrag:remote\r\n" };

function candidate(n: number): IceCandidate {
  return { candidate: `candidate:${n}`, usernameFragment: "remote" };
}

class Machine {
  state: NegotiationState;
  effects: readonly NegotiationEffect[] = [];

  constructor(polite: boolean) {
    this.state = initialNegotiationState(polite);
  }

  input(input: NegotiationInput): this {
    ({ state: this.state, effects: this.effects } = stepNegotiation(this.state, input));
    return this;
  }

  signal(signal: Signal): this {
    return this.input({ type: "signal", signal });
  }

  describe(description: SessionDescription): this {
    return this.signal({ kind: "description", description });
  }

  get types(): string[] {
    return this.effects.map((effect) => effect.type);
  }
}

describe("the queues of the negotiation", () => {
  it("hold as many candidates without a description as the limit says, and drop the oldest", () => {
    const machine = new Machine(true);
    for (let n = 0; n < maxQueuedSignals; n += 1) {
      machine.signal({ kind: "candidate", candidate: candidate(n) });
      expect(machine.effects).toEqual([]);
    }
    machine.signal({ kind: "candidate", candidate: candidate(maxQueuedSignals) });
    expect(machine.effects).toEqual([
      { type: "dropped", what: "candidate", why: "too many candidates wait" },
    ]);
    machine.describe(offer).input({ type: "done", description: answer, needed: false });
    const applied = machine.effects.flatMap((effect) =>
      effect.type === "addCandidate" ? [effect.candidate] : [],
    );
    expect(applied).toEqual(Array.from({ length: maxQueuedSignals }, (_, n) => candidate(n + 1)));
  });

  it("hold as many signals behind a running operation as the limit says, and drop the next", () => {
    const machine = new Machine(true).describe(offer);
    expect(machine.types).toEqual(["answer"]);
    for (let n = 0; n < maxQueuedSignals; n += 1) {
      machine.signal({ kind: "candidate", candidate: candidate(n) });
      expect(machine.effects).toEqual([]);
    }
    machine.describe(offer);
    expect(machine.effects).toEqual([
      { type: "dropped", what: "description", why: "too many signals wait" },
    ]);
    machine.input({ type: "done", description: answer, needed: false });
    expect(machine.types.filter((type) => type === "addCandidate")).toHaveLength(maxQueuedSignals);
    expect(machine.state.inbox).toEqual([]);
  });
});

describe("descriptions out of place", () => {
  it("are dropped: an answer or a rollback without an offer, and provisional answers", () => {
    for (const type of ["answer", "rollback", "pranswer"] as const) {
      const machine = new Machine(true).describe({ type, sdp: "v=0" });
      expect(machine.types).toEqual(["dropped"]);
      expect(machine.state).toEqual({ ...initialNegotiationState(true) });
    }
  });

  it("tell the remote about an offer that could not be used", () => {
    const machine = new Machine(false).describe(offer).input({ type: "failed" });
    expect(machine.effects).toEqual([{ type: "send", description: { type: "rollback", sdp: "" } }]);
    expect(machine.describe(offer).types).toEqual(["answer"]);
  });

  it.each([true, false])(
    "do not bring refused offers back by themselves (polite: %s)",
    (polite) => {
      const machine = new Machine(polite)
        .input({ type: "needed" })
        .input({ type: "done", description: offer, needed: false })
        .describe({ type: "rollback", sdp: "" });
      expect(machine.types).toEqual(["refused"]);
      machine.describe(offer).input({ type: "failed" });
      expect(machine.types).toEqual(["send"]);
      expect(machine.state.running).toBe("none");
      expect(machine.input({ type: "needed" }).types).toEqual(["offer"]);
    },
  );

  it("let an offer through after an answer that could not be used, even to the impolite side", () => {
    const machine = new Machine(false)
      .input({ type: "needed" })
      .input({ type: "done", description: offer, needed: false });
    expect(machine.describe(offer).types).toEqual([]);
    machine.describe(answer).input({ type: "failed" });
    expect(machine.describe(offer).types).toEqual(["answer"]);
  });
});
