import { ConicError, Frame, type Delivery, type Hub, type Registration } from "@conic/domain";
import * as fc from "fast-check";
import { createHub } from "../src/index.js";
import { evict, FakeConnection } from "./fake-connection.js";
import { clientOf, codeOf, id, settle } from "./helpers.js";

const names = ["a", "b", "c", "d"];
const name = fc.constantFrom(...names);
const slot = fc.nat({ max: 5 });

export type Step =
  | { readonly do: "register"; readonly name: string; readonly slot: number }
  | { readonly do: "dispose" | "send"; readonly name: string }
  | { readonly do: "sendMany"; readonly names: readonly string[] }
  | { readonly do: "broadcast"; readonly name: string }
  | { readonly do: "abort" | "close" | "evict" | "full"; readonly slot: number }
  | { readonly do: "settle" };

export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("register" as const), name, slot }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("dispose" as const), name }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("send" as const), name }) },
  fc.record({ do: fc.constant("sendMany" as const), names: fc.array(name) }),
  fc.record({ do: fc.constant("broadcast" as const), name }),
  fc.record({ do: fc.constantFrom("abort" as const, "close" as const), slot }),
  fc.record({ do: fc.constantFrom("evict" as const, "full" as const), slot }),
  fc.record({ do: fc.constant("settle" as const) }),
);

type Mood = "open" | "evict" | "full" | "ended";

/** What a hub is: who holds which id. Everything else follows. */
class Model {
  readonly holders: Map<string, number> = new Map();
  readonly moods: Map<number, Mood> = new Map();
  readonly received: Map<number, string[]> = new Map();
  out = 0;
  dropped = 0;

  mood(connection: number): Mood {
    return this.moods.get(connection) ?? "open";
  }

  /** A hub hears of an end one turn later than `readyState` tells of it. */
  settle(): void {
    for (const [holder, at] of this.holders) {
      if (this.mood(at) === "ended") this.holders.delete(holder);
    }
  }

  deliver(to: string, text: string): string {
    const connection = this.holders.get(to);
    const mood = connection === undefined ? undefined : this.mood(connection);
    if (connection !== undefined && mood === "open") {
      this.out += 1;
      this.received.set(connection, [...(this.received.get(connection) ?? []), text]);
      return "sent";
    }
    this.dropped += 1;
    if (connection === undefined) return "target_not_found";
    if (mood === "full") return "slow_consumer";
    this.holders.delete(to);
    // The other ids of an evicted connection are still held, by what is closed now.
    this.moods.set(connection, "ended");
    return mood === "evict" ? "slow_consumer" : "closed";
  }
}

function full(): never {
  throw new ConicError("buffer_full", "full");
}

/** What the hub did beside what the model did: a test expects them to be equal. */
export interface Comparison {
  readonly actual: unknown;
  readonly expected: unknown;
}

const nothing: Comparison = { actual: undefined, expected: undefined };

/** A hub beside its model. A slot is a place for a connection; one that ended is replaced by a new one. */
export class Pair {
  readonly hub: Hub = createHub();
  readonly model: Model = new Model();
  readonly connections: FakeConnection[] = [];
  readonly #slots = new Map<number, number>();
  readonly #registrations = new Map<string, Registration>();
  #frames = 0;

  /** Does the step to both; returns what came of it. */
  async apply(action: Step): Promise<Comparison> {
    const result = await this.#step(action);
    await settle();
    this.model.settle();
    return result;
  }

  async #step(action: Step): Promise<Comparison> {
    switch (action.do) {
      case "register":
        return this.#register(action.name, this.#connection(action.slot));
      case "dispose":
        this.#registrations.get(action.name)?.[Symbol.dispose]();
        this.model.holders.delete(action.name);
        return nothing;
      case "send":
        return this.#sendMany([action.name], async (frame) => {
          return new Map([[id(action.name), await this.hub.send(id(action.name), frame)]]);
        });
      case "sendMany":
        return this.#sendMany(action.names, (frame) =>
          this.hub.sendMany(action.names.map(id), frame),
        );
      case "broadcast":
        return this.#broadcast(action.name);
      case "settle":
        return nothing;
      case "abort":
      case "close":
      case "evict":
      case "full":
        this.#change(action.do, this.#connection(action.slot));
        return nothing;
      default:
        return action satisfies never;
    }
  }

  async #sendMany(
    targetNames: readonly string[],
    send: (frame: Frame) => Promise<ReadonlyMap<string, Delivery>>,
  ): Promise<Comparison> {
    const frame = this.#frame();
    const deliveries = await send(frame);
    const targets = Array.from(new Set(targetNames));
    return {
      actual: Array.from(deliveries, ([to, d]) => [to, "reason" in d ? d.reason : d.status]),
      expected: targets.map((to) => [to, this.model.deliver(to, frame.text)]),
    };
  }

  async #broadcast(except: string): Promise<Comparison> {
    const { model } = this;
    const frame = this.#frame();
    const actual = await this.hub.broadcast(frame, { except: id(except) });
    const others = Array.from(model.holders.keys()).filter((to) => to !== except);
    const served = others.map((to) => model.deliver(to, frame.text));
    return { actual, expected: served.filter((result) => result === "sent").length };
  }

  #frame(): Frame {
    this.#frames += 1;
    return Frame.fromText(String(this.#frames));
  }

  #connection(at: number): number {
    const known = this.#slots.get(at);
    if (known !== undefined && this.model.mood(known) !== "ended") return known;
    this.#slots.set(at, this.connections.length);
    return this.connections.push(new FakeConnection()) - 1;
  }

  #register(as: string, at: number): Comparison {
    const taken = this.model.holders.has(as);
    const client = clientOf(as, this.connections[at]);
    const actual = codeOf(() => this.#registrations.set(as, this.hub.register(client)));
    if (!taken) this.model.holders.set(as, at);
    return { actual, expected: taken ? "id_taken" : undefined };
  }

  #change(what: "abort" | "close" | "evict" | "full", at: number): void {
    const connection = this.connections[at];
    if (connection === undefined) throw new Error("no such connection");
    if (what === "abort" || what === "close") {
      if (what === "abort") connection.abort(new ConicError("closed", "gone"));
      else void connection.close();
      this.model.moods.set(at, "ended");
      return;
    }
    connection.behaviour = { send: what === "evict" ? evict : full };
    this.model.moods.set(at, what);
  }

  /** The whole state of both. */
  state(): Comparison {
    const { hub, model, connections } = this;
    const { messagesIn, messagesOut, messagesDropped, connectedClients } = hub.stats();
    const registered = Array.from(this.#registrations);
    return {
      actual: {
        held: Array.from(hub.clients(), (client) => [
          client.id,
          connections.findIndex((connection) => connection === client.connection),
        ]),
        active: registered.map(([as, { active, client }]) => [
          as,
          active,
          hub.get(id(as)) === client,
        ]),
        counts: [connectedClients, messagesIn, messagesOut, messagesDropped],
        received: connections.map((connection) => connection.received),
      },
      expected: {
        held: Array.from(model.holders),
        active: registered.map(([as]) => [as, model.holders.has(as), model.holders.has(as)]),
        counts: [model.holders.size, model.out + model.dropped, model.out, model.dropped],
        received: connections.map((_, at) => model.received.get(at) ?? []),
      },
    };
  }
}
