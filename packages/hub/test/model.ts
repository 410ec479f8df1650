import { ConicError, Frame, type Hub, type Registration } from "@conic/domain";
import * as fc from "fast-check";
import { expect } from "vitest";
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
  readonly holders = new Map<string, number>();
  readonly moods = new Map<number, Mood>();
  readonly received = new Map<number, string[]>();
  out = 0;
  dropped = 0;

  mood(connection: number): Mood {
    return this.moods.get(connection) ?? "open";
  }

  end(connection: number): void {
    this.moods.set(connection, "ended");
    for (const [holder, at] of this.holders) if (at === connection) this.holders.delete(holder);
  }

  deliver(to: string, text: string): string {
    const connection = this.holders.get(to);
    const mood = connection === undefined ? "ended" : this.mood(connection);
    if (connection !== undefined && mood === "open") {
      this.out += 1;
      this.received.set(connection, [...(this.received.get(connection) ?? []), text]);
      return "sent";
    }
    this.dropped += 1;
    if (connection === undefined) return "target_not_found";
    if (mood === "evict") this.end(connection);
    return "slow_consumer";
  }
}

function full(): never {
  throw new ConicError("buffer_full", "full");
}

/** A hub beside its model. A slot is a place for a connection; one that ended is replaced by a new one. */
export class Pair {
  readonly hub: Hub = createHub();
  readonly model = new Model();
  readonly connections: FakeConnection[] = [];
  readonly #slots = new Map<number, number>();
  readonly #registrations = new Map<string, Registration>();
  #frames = 0;

  async apply(action: Step): Promise<void> {
    const { model, hub } = this;
    switch (action.do) {
      case "register":
        this.#register(action.name, this.#connection(action.slot));
        break;
      case "dispose":
        this.#registrations.get(action.name)?.[Symbol.dispose]();
        model.holders.delete(action.name);
        break;
      case "send": {
        const frame = this.#frame();
        const delivery = await hub.send(id(action.name), frame);
        const result = "reason" in delivery ? delivery.reason : delivery.status;
        expect(result).toBe(model.deliver(action.name, frame.text));
        break;
      }
      case "sendMany": {
        const frame = this.#frame();
        const deliveries = await hub.sendMany(action.names.map(id), frame);
        const targets = Array.from(new Set(action.names));
        const expected = targets.map((to) => [to, model.deliver(to, frame.text)]);
        const results = Array.from(deliveries, ([to, d]) => [
          to,
          "reason" in d ? d.reason : d.status,
        ]);
        expect(results).toStrictEqual(expected);
        break;
      }
      case "broadcast": {
        const frame = this.#frame();
        const count = await hub.broadcast(frame, { except: id(action.name) });
        // One connection may hold several ids: the first of them to be served may end the others.
        const others = Array.from(model.holders.keys()).filter((to) => to !== action.name);
        const reached = others.filter(
          (to) => model.holders.has(to) && model.deliver(to, frame.text) === "sent",
        );
        expect(count).toBe(reached.length);
        break;
      }
      case "settle":
        break;
      case "abort":
      case "close":
      case "evict":
      case "full":
        this.#change(action.do, this.#connection(action.slot));
        break;
    }
    await settle();
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

  #register(as: string, at: number): void {
    const taken = this.model.holders.has(as);
    const client = clientOf(as, this.connections[at]);
    const code = codeOf(() => this.#registrations.set(as, this.hub.register(client)));
    expect(code).toBe(taken ? "id_taken" : undefined);
    if (!taken) this.model.holders.set(as, at);
  }

  #change(what: "abort" | "close" | "evict" | "full", at: number): void {
    const connection = this.connections[at];
    if (connection === undefined) throw new Error("no such connection");
    if (what === "abort" || what === "close") {
      if (what === "abort") connection.abort(new ConicError("closed", "gone"));
      else void connection.close();
      this.model.end(at);
      return;
    }
    connection.behaviour = { send: what === "evict" ? evict : full };
    this.model.moods.set(at, what);
  }

  check(): void {
    const { hub, model } = this;
    const held = Array.from(hub.clients(), (client) => [
      client.id,
      this.connections.findIndex((connection) => connection === client.connection),
    ]);
    expect(held).toStrictEqual(Array.from(model.holders));
    for (const [as, registration] of this.#registrations) {
      const current = hub.get(id(as)) === registration.client;
      expect(registration.active).toBe(current);
      expect(current).toBe(model.holders.has(as));
    }
    expect(hub.stats()).toMatchObject({
      connectedClients: model.holders.size,
      messagesIn: model.out + model.dropped,
      messagesOut: model.out,
      messagesDropped: model.dropped,
    });
    for (const [at, connection] of this.connections.entries()) {
      expect(connection.received).toStrictEqual(model.received.get(at) ?? []);
    }
  }
}
