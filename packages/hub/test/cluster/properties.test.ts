import { Frame, type Delivery } from "@conic/domain";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FakeConnection } from "../fake-connection.js";
import { settle } from "../helpers.js";
import { Cluster, idsAt, type Node } from "./support.js";

const nodes = 3;
const perNode = 2;

/** Steps of the backplane, done in an order that a test decides. */
class Steps {
  readonly #waiting: (() => void)[] = [];

  readonly add = (step: () => void): void => {
    this.#waiting.push(step);
  };

  doOne(choice: number): void {
    this.#waiting.splice(choice % Math.max(1, this.#waiting.length), 1)[0]?.();
  }

  async doAll(): Promise<void> {
    for (let idle = 0; idle < 3; idle += 1) {
      while (this.#waiting.length > 0) {
        idle = 0;
        this.doOne(0);
      }
      await settle();
    }
  }
}

type Action =
  | { readonly type: "send"; readonly from: number; readonly to: number }
  | { readonly type: "step"; readonly choice: number }
  | { readonly type: "cut" | "kill"; readonly node: number };

const clients = nodes * perNode;
const send: fc.Arbitrary<Action> = fc.record({
  type: fc.constant("send" as const),
  from: fc.nat(clients - 1),
  to: fc.nat(clients - 1),
});
const step: fc.Arbitrary<Action> = fc.record({
  type: fc.constant("step" as const),
  choice: fc.nat(99),
});
const fault: fc.Arbitrary<Action> = fc.record({
  type: fc.constantFrom("cut" as const, "kill" as const),
  node: fc.nat(nodes - 1),
});

interface Sent {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  delivery: Delivery | undefined;
}

/** Clients on every node that send to each other while the backplane does its steps in some order. */
class World {
  readonly sent: Sent[] = [];
  /** By client, of all its lives. */
  readonly received: string[][] = Array.from({ length: clients }, () => []);
  readonly #steps = new Steps();
  readonly #cluster = new Cluster({ nodes, schedule: this.#steps.add });
  readonly #nodes: Node[] = [];
  readonly #ids = Array.from({ length: nodes }, (_, i) => idsAt(i, nodes, perNode)).flat();

  async open(): Promise<void> {
    for (let i = 0; i < nodes; i += 1) this.#open(i);
    await this.#steps.doAll();
  }

  async run(action: Action): Promise<void> {
    if (action.type === "send") this.#send(action.from, action.to);
    else if (action.type === "step") this.#steps.doOne(action.choice);
    else if (action.type === "cut") {
      const other = String((action.node + 1) % nodes);
      this.#cluster.network.cut(String(action.node), other);
      this.#cluster.network.mend(String(action.node), other);
    } else {
      this.#cluster.network.kill(String(action.node));
      this.#open(action.node);
    }
    await settle();
  }

  async finish(): Promise<void> {
    await this.#steps.doAll();
  }

  #open(index: number): void {
    const node = this.#cluster.join(index);
    this.#nodes[index] = node;
    for (let i = index * perNode; i < (index + 1) * perNode; i += 1) {
      const id = this.#ids[i];
      if (id === undefined) throw new Error("there are not so many ids");
      const connection = new FakeConnection({
        send: (_, frame) => {
          this.received[i]?.push(frame.text);
        },
      });
      node.hub.register({ id, connection, registeredAt: 0 });
    }
  }

  #send(from: number, to: number): void {
    const text = `${from}>${to} ${this.sent.length}`;
    const sent: Sent = { from, to, text, delivery: undefined };
    const target = this.#ids[to];
    this.sent.push(sent);
    if (target === undefined) throw new Error("there are not so many clients");
    const hub = this.#nodes[Math.floor(from / perNode)]?.hub;
    void Promise.resolve(hub?.send(target, Frame.fromText(text))).then((delivery) => {
      sent.delivery = delivery;
    });
  }
}

const between = (texts: readonly string[], from: number, to: number): string[] =>
  texts.filter((text) => text.startsWith(`${from}>${to} `));

describe("a cluster, whatever order its backplane works in", () => {
  it("delivers everything once, in order for each pair, while all nodes live", async () => {
    const actions = fc.array(fc.oneof(send, step), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(actions, async (script) => {
        const world = new World();
        await world.open();
        for (const action of script) await world.run(action);
        await world.finish();
        const texts = world.sent.map(({ text }) => text);
        for (let from = 0; from < clients; from += 1) {
          for (let to = 0; to < clients; to += 1) {
            expect(between(world.received[to] ?? [], from, to)).toEqual(between(texts, from, to));
          }
        }
        const wrong = world.sent.filter(({ delivery }) =>
          delivery === undefined ? true : delivery.status === "undeliverable",
        );
        expect(wrong).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it("loses nothing in silence and doubles nothing when links break and nodes die", async () => {
    const actions = fc.array(
      fc.oneof(
        { weight: 8, arbitrary: send },
        { weight: 12, arbitrary: step },
        { weight: 1, arbitrary: fault },
      ),
      { minLength: 20, maxLength: 80 },
    );
    let reported = 0;
    await fc.assert(
      fc.asyncProperty(actions, async (script) => {
        const world = new World();
        await world.open();
        for (const action of script) await world.run(action);
        await world.finish();
        const killed = new Set(script.filter(({ type }) => type === "kill").map(nodeOf));
        const { sent } = world;
        const times = ({ to, text }: Sent): number =>
          (world.received[to] ?? []).filter((one) => one === text).length;
        expect(sent.filter((one) => times(one) > 1)).toEqual([]);
        // A node that died has taken the answers to its own clients with it.
        const waiting = sent.filter(({ delivery }) => delivery === undefined);
        const unanswered = waiting.filter(({ from }) => !killed.has(Math.floor(from / perNode)));
        expect(unanswered).toEqual([]);
        const promised = sent.filter(({ delivery }) => delivery?.status.match(/sent|relayed/));
        expect(promised.filter((one) => times(one) === 0)).toEqual([]);
        reported += sent.filter(({ delivery }) => delivery?.status === "undeliverable").length;
        for (const [to, texts] of world.received.entries()) {
          for (let from = 0; from < clients; from += 1) {
            const numbers = between(texts, from, to).map((text) => Number(text.split(" ")[1]));
            const wrong = numbers.findIndex((number, i) => number <= (numbers[i - 1] ?? -1));
            expect(wrong, "first that came out of order").toBe(-1);
          }
        }
      }),
      { numRuns: 300 },
    );
    // Otherwise nothing was tried here.
    expect(reported).toBeGreaterThan(0);
  });
});

function nodeOf(action: Action): number {
  return action.type === "kill" ? action.node : -1;
}
