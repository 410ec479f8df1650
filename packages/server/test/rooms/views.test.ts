import { failOnLeaks } from "@conic/internal-testing";
import { ConicError } from "@conic/domain";
import type { ServerMessage } from "@conic/protocol";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TestClient } from "../support/client.js";
import {
  clusterWorld,
  late,
  nodesWorld,
  memoryWorld,
  webSocketWorld,
  type CreateWorld,
  type World,
} from "../support/host.js";

failOnLeaks();

const clients = 6;
const rooms = ["a", "b", "c"];

interface Action {
  readonly who: number;
  readonly room: string;
  readonly kind: "join" | "leave" | "drop" | "unregister" | "turn";
}

const action: fc.Arbitrary<Action> = fc.record({
  who: fc.nat(clients - 1),
  room: fc.constantFrom(...rooms),
  kind: fc.constantFrom("join", "join", "join", "leave", "leave", "drop", "unregister", "turn"),
});

function isSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((id) => b.has(id));
}

/** What one client knows of its rooms, of nothing but the messages it gets. */
class View {
  readonly rooms = new Map<string, Set<string>>();

  /** @throws Error when a message does not fit to what came before. */
  take(message: ServerMessage): void {
    const fits = this.#apply(message);
    if (!fits) throw new Error(`not after what came before: ${JSON.stringify(message)}`);
  }

  of(room: string): string[] {
    return [...(this.rooms.get(room) ?? [])].toSorted();
  }

  #apply({ type, body }: ServerMessage): boolean {
    if (type === "register_response") return true;
    if (type === "unregister_response") {
      this.rooms.clear();
      return true;
    }
    if (!("Room" in body)) return false;
    const members = this.rooms.get(body.Room);
    if (type === "peers") {
      const peers = new Set<string>(body.Peers);
      this.rooms.set(body.Room, peers);
      // A second `peers` says what the events have said.
      const same = members === undefined || isSame(members, peers);
      return same && peers.size === body.Peers.length;
    }
    if (type === "leave_response") {
      this.rooms.delete(body.Room);
      return true;
    }
    // Nobody is told of a room in which it is not.
    if (members === undefined || !("ID" in body)) return false;
    if (type === "peer_left") return members.delete(body.ID);
    return !members.has(body.ID) && members.add(body.ID).has(body.ID);
  }
}

/** A client under one id that comes back whenever it was dropped. */
class Member {
  readonly id: string;
  readonly #world: World;
  readonly joined = new Set<string>();
  #client: TestClient | undefined;
  #view = new View();

  constructor(world: World, who: number) {
    this.id = `client-${who}`;
    this.#world = world;
  }

  async do({ kind, room }: Action): Promise<void> {
    if (kind === "turn") {
      await new Promise(setImmediate);
      return;
    }
    const client = this.#client ?? (await this.#connect());
    if (kind === "join" || kind === "leave") {
      client.send(kind, { Room: room });
      if (kind === "join") this.joined.add(room);
      else this.joined.delete(room);
      return;
    }
    this.joined.clear();
    if (kind === "unregister") {
      client.send("unregister");
      client.send("register", { ID: this.id });
      return;
    }
    // What it was told until then must have made sense too; that it is gone is known before it comes back.
    await this.settle();
    this.#client = undefined;
    this.#view = new View();
    client.connection.abort(new ConicError("aborted", "gone"));
    connected.delete(this);
    const { server } = this.#world;
    while (server.stats().connections > connected.size) await new Promise(setImmediate);
  }

  async settle(): Promise<View> {
    for (const message of (await this.#client?.roundTrip()) ?? []) this.#view.take(message);
    return this.#view;
  }

  async #connect(): Promise<TestClient> {
    const client = await this.#world.connect();
    this.#client = client;
    connected.add(this);
    client.send("register", { ID: this.id });
    return client;
  }
}

const connected = new Set<Member>();

async function check(
  create: CreateWorld,
  actions: readonly Action[],
  settled: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  connected.clear();
  await using world = await create();
  const members = Array.from({ length: clients }, (_, who) => new Member(world, who));
  for (const next of actions) await members[next.who]?.do(next);
  await settled();
  for (const member of members) await member.settle();
  for (const member of members) {
    // A second time: news may have come behind the first answer.
    const view = await member.settle();
    expect([...view.rooms.keys()].toSorted()).toEqual([...member.joined].toSorted());
    for (const room of member.joined) {
      const others = members.filter((other) => other !== member && other.joined.has(room));
      expect(view.of(room)).toEqual(others.map(({ id }) => id));
    }
  }
  const there = rooms.filter((room) => members.some(({ joined }) => joined.has(room)));
  expect(world.server.stats().rooms).toBe(there.length);
}

async function quiet(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await new Promise(setImmediate);
}

describe("whoever joins, leaves, drops and comes back", () => {
  const actions = fc.array(action, { minLength: 10, maxLength: 80 });

  it("has every member know who is there, by the events alone", async () => {
    await fc.assert(
      fc.asyncProperty(actions, (all) => check(memoryWorld, all)),
      { numRuns: 150 },
    );
  });

  it("does so on three nodes", async () => {
    await fc.assert(
      fc.asyncProperty(actions, (all) => check(clusterWorld, all)),
      { numRuns: 40 },
    );
  });

  it("does so on three nodes, some of which hear of things later than others", async () => {
    await fc.assert(
      fc.asyncProperty(actions, fc.infiniteStream(fc.nat(3)), async (all, delays) => {
        const schedule = late(delays);
        // News of a connection that ended are late too: nobody comes back before them.
        const create: CreateWorld = async (options) => {
          const world = await nodesWorld(options, { nodes: 3, schedule });
          return { ...world, connect: () => quiet().then(() => world.connect()) };
        };
        await check(create, all, quiet);
      }),
      { numRuns: 40 },
    );
  });

  it("does so over WebSockets", async () => {
    await fc.assert(
      fc.asyncProperty(actions, (all) => check(webSocketWorld, all)),
      { numRuns: 10 },
    );
  });
});
