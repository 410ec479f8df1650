import { describe, expect, it } from "vitest";
import {
  initialNegotiationState,
  stepNegotiation,
  type NegotiationEffect,
  type NegotiationInput,
  type NegotiationState,
} from "../../src/negotiation/machine.js";

const description = (type: "offer" | "answer") => ({ type, sdp: `v=0\r\ns=${type}` }) as const;

function run(
  start: NegotiationState,
  ...inputs: readonly NegotiationInput[]
): { readonly state: NegotiationState; readonly effects: readonly string[] } {
  let state = start;
  const effects: NegotiationEffect[] = [];
  for (const input of inputs) {
    const step = stepNegotiation(state, input);
    state = step.state;
    effects.push(...step.effects);
  }
  return { state, effects: effects.map(({ type }) => type) };
}

const offered = (polite: boolean): NegotiationState =>
  run(
    initialNegotiationState(polite),
    { type: "needed" },
    { type: "done", description: description("offer"), needed: false },
  ).state;

const answer: NegotiationInput = {
  type: "signal",
  signal: { kind: "description", description: description("answer") },
};
const remoteOffer: NegotiationInput = {
  type: "signal",
  signal: { kind: "description", description: description("offer") },
};

describe.each([true, false])(
  "an offer that was given up, on the side that is polite: %s",
  (polite) => {
    it("is made again with the next change, and not before", () => {
      const given = run(offered(polite), { type: "unanswered" });
      expect(given.effects).toEqual([]);
      const again = run(given.state, { type: "needed" });
      expect(again.effects).toEqual(["offer"]);
      expect(run(offered(polite), { type: "needed" }).effects).toEqual([]);
    });

    it("is answered late all the same", () => {
      const { effects, state } = run(offered(polite), { type: "unanswered" }, answer, {
        type: "done",
        needed: false,
      });
      expect(effects).toEqual(["accept"]);
      expect([state.signaling, state.refused]).toEqual(["stable", false]);
    });

    it("gives way to one of the remote", () => {
      expect(run(offered(polite), { type: "unanswered" }, remoteOffer).effects).toEqual(["answer"]);
    });

    it("is none where nothing was offered, or the answer is being applied", () => {
      const stable = initialNegotiationState(polite);
      expect(run(stable, { type: "unanswered" })).toEqual({ state: stable, effects: [] });
      const applying = run(offered(polite), answer).state;
      expect(run(applying, { type: "unanswered" })).toEqual({ state: applying, effects: [] });
    });
  },
);
