import { Frame, parseClientId } from "@conic/domain";
import { Acknowledger, encodeMessage, SendWindow } from "@conic/protocol";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Mailbox, relayedMessage } from "../../src/resume/mailbox.js";
import { ids } from "../support/client.js";

type Step = "send" | "say" | "deliver-down" | "deliver-up" | "drop" | "return" | "ack";
type Item = { readonly ack: number } | { readonly frame: Frame };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<Step[]>("send", "say") },
  { weight: 8, arbitrary: fc.constantFrom<Step[]>("deliver-down", "deliver-up") },
  { weight: 2, arbitrary: fc.constantFrom<Step[]>("drop", "return", "ack") },
);

function numbered(from: string, number: number): Frame {
  const body = { ID: parseClientId(from), TargetID: ids.bob, Candidate: String(number) };
  return encodeMessage({ type: "candidate", body });
}

function numberOf(frame: Frame): number {
  const message = relayedMessage(frame);
  if (message?.type !== "candidate") throw new Error("not a frame of this test");
  return Number(message.body.Candidate);
}

/**
 * Both ends of one session, and the wire between them, without sockets or time. "drop" loses whatever is on the wire;
 * only the client may know of it. The server is told when the client returns, as with a connection that is half open.
 */
class Wire {
  readonly received = { down: [] as number[], up: [] as number[] };
  readonly undelivered: number[] = [];
  senders = new Set<string>();
  sentDown = 0;
  sentUp = 0;
  over = false;
  readonly #mailbox: Mailbox;
  readonly #taken = new Acknowledger();
  readonly #window = new SendWindow<Frame>((frame) => frame.byteLength);
  readonly #counted = new Acknowledger();
  readonly #knows: boolean;
  #up: Item[] = [];
  #down: Item[] = [];
  #connected = true;
  #told = true;

  constructor(maxResumeMessages: number, knows: boolean) {
    this.#mailbox = new Mailbox({ maxResumeMessages, maxResumeBytes: 1_000_000 });
    this.#knows = knows;
  }

  run(next: Step): void {
    if (this.over) return;
    if (next === "send") this.#send();
    else if (next === "say") this.#say();
    else if (next === "deliver-down") this.#deliver(this.#down, "down");
    else if (next === "deliver-up") this.#deliver(this.#up, "up");
    else if (next === "drop") this.#drop();
    else if (next === "return") this.#return();
    else if (this.#connected) this.#acknowledge();
  }

  /** The client comes back for good, and everything arrives. */
  settle(): void {
    this.run("return");
    while (!this.over && this.#up.length + this.#down.length > 0) {
      this.run("deliver-up");
      this.run("deliver-down");
    }
  }

  end(): void {
    if (this.over) return;
    this.over = true;
    const { frames, senders } = this.#mailbox.end();
    this.undelivered.push(...frames.map(numberOf));
    this.senders = new Set(senders);
  }

  #send(): void {
    const frame = numbered(this.sentDown % 2 === 0 ? "alice" : "carol", this.sentDown);
    if (this.#told) {
      this.sentDown += 1;
      this.#mailbox.sent(frame);
      if (this.#connected) this.#down.push({ frame });
    } else if (this.#mailbox.hold(frame)) this.sentDown += 1;
    else this.end();
  }

  #say(): void {
    const frame = numbered("bob", this.sentUp);
    this.sentUp += 1;
    this.#window.add(frame);
    if (this.#connected) this.#up.push({ frame });
  }

  #deliver(items: Item[], way: "up" | "down"): void {
    const item = items.shift();
    if (item === undefined) return;
    if ("frame" in item) {
      this.received[way].push(numberOf(item.frame));
      (way === "up" ? this.#taken : this.#counted).count();
    } else if (way === "down") this.#window.acknowledge(item.ack);
    else if (!this.#mailbox.acknowledge(item.ack)) throw new Error("an ack was not believed");
  }

  #acknowledge(): void {
    this.#up.push({ ack: this.#counted.tell() });
    this.#down.push({ ack: this.#taken.tell() });
  }

  #drop(): void {
    this.#connected = false;
    this.#up = [];
    this.#down = [];
    this.#told = !this.#knows;
    if (this.#knows) this.#mailbox.away();
  }

  #return(): void {
    this.#drop();
    this.#mailbox.away();
    const { received } = this.#counted;
    if (!this.#mailbox.canResume(received)) {
      this.end();
      return;
    }
    this.#connected = true;
    this.#told = true;
    this.#down.push(...this.#mailbox.resume(received).map((frame) => ({ frame })));
    if (!this.#window.canResume(this.#taken.received)) throw new Error("the client cannot resume");
    this.#window.acknowledge(this.#taken.received);
    this.#up.push(...this.#window.items().map((frame) => ({ frame })));
  }
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const steps = fc.array(step, { maxLength: 120 });
const manySteps = fc.array(step, { minLength: 60, maxLength: 120 });

describe("the two ends of a session", () => {
  it("hand over everything once and in order, whatever is cut when", () => {
    fc.assert(
      fc.property(steps, fc.boolean(), (script, knows) => {
        const wire = new Wire(1000, knows);
        for (const next of script) wire.run(next);
        wire.settle();
        expect(wire.over).toBe(false);
        expect(wire.received).toEqual({ down: upTo(wire.sentDown), up: upTo(wire.sentUp) });
      }),
      { numRuns: 4000 },
    );
  });

  it("lose nothing in silence when less is kept than is cut off: it arrives, or its sender is known", () => {
    let ended = 0;
    fc.assert(
      fc.property(
        manySteps,
        fc.boolean(),
        fc.integer({ min: 1, max: 3 }),
        (script, knows, limit) => {
          const wire = new Wire(limit, knows);
          for (const next of script) wire.run(next);
          wire.settle();
          if (wire.over) ended += 1;
          wire.end();
          const { down, up } = wire.received;
          expect(down).toEqual(upTo(down.length));
          expect(up).toEqual(upTo(up.length));
          const reported = new Set([...down, ...wire.undelivered]);
          const silent = upTo(wire.sentDown).filter((number) => !reported.has(number));
          const senders = silent.map((number) => (number % 2 === 0 ? "alice" : "carol"));
          expect(senders.filter((sender) => !wire.senders.has(sender))).toEqual([]);
        },
      ),
      { numRuns: 4000 },
    );
    // Otherwise nothing was tried here.
    expect(ended).toBeGreaterThan(0);
  });
});
