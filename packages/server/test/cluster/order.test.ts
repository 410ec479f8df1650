import * as fc from "fast-check";
import { failOnLeaks } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import type { TestClient } from "../support/client.js";
import { late } from "../support/host.js";
import { Nodes } from "./nodes.js";

failOnLeaks();

const delays = fc.infiniteStream(fc.nat(4));

interface Member {
  readonly client: TestClient;
  readonly id: string;
}

async function register(nodes: Nodes, entry: number, home: number, name: string): Promise<Member> {
  const client = nodes.connect(entry);
  const { ID: id } = await client.register({ ID: nodes.nameAt(home, name) });
  return { client, id };
}

describe("nodes that hear of things later than others", () => {
  it("show what a member sends behind the news that it has come", async () => {
    const where = fc.tuple(fc.nat(2), fc.nat(2));
    await fc.assert(
      fc.asyncProperty(where, where, fc.nat(2), delays, async (a, b, keeper, turns) => {
        await using nodes = new Nodes({}, { nodes: 3, schedule: late(turns) });
        await nodes.linked();
        const Room = nodes.nameAt(keeper, "room");
        const alice = await register(nodes, ...a, "alice");
        const bob = await register(nodes, ...b, "bob");
        alice.client.send("join", { Room });
        await alice.client.expect("peers");
        bob.client.send("join", { Room });
        for (const TargetID of [alice.id, alice.id, alice.id]) {
          bob.client.send("candidate", { TargetID, Candidate: "" });
        }
        expect((await bob.client.expect("peers")).body.Peers).toEqual([alice.id]);
        const heard: string[] = [];
        while (heard.length < 4) heard.push((await alice.client.next()).type);
        expect(heard).toEqual(["peer_joined", "candidate", "candidate", "candidate"]);
      }),
      { numRuns: 150 },
    );
  });

  it("keep the order of a pair, and lose and double nothing", async () => {
    const where = fc.tuple(fc.nat(2), fc.nat(2));
    await fc.assert(
      fc.asyncProperty(where, where, delays, async (a, b, turns) => {
        await using nodes = new Nodes({}, { nodes: 3, schedule: late(turns) });
        await nodes.linked();
        const alice = await register(nodes, ...a, "alice");
        const bob = await register(nodes, ...b, "bob");
        const count = 20;
        for (let i = 0; i < count; i += 1) {
          bob.client.send("candidate", { TargetID: alice.id, Candidate: String(i) });
        }
        for (let i = 0; i < count; i += 1) {
          expect((await alice.client.expect("candidate")).body.Candidate).toBe(String(i));
        }
        expect(await bob.client.roundTrip()).toEqual([]);
        expect(await alice.client.roundTrip()).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it("S2: give an id that is claimed by many at once to one", async () => {
    let claims = 0;
    await fc.assert(
      fc.asyncProperty(delays, async (turns) => {
        await using nodes = new Nodes({}, { nodes: 3, schedule: late(turns) });
        await nodes.linked();
        const clients = Array.from({ length: 30 }, (_, i) => nodes.connect(i % 3));
        for (const client of clients) client.send("register", { ID: "wanted" });
        const answers = await Promise.all(clients.map((client) => client.next()));
        claims += answers.length;
        expect(answers.filter(({ type }) => type === "register_response")).toHaveLength(1);
        const codes = answers.map((answer) => (answer.type === "error" ? answer.body.Code : ""));
        expect(codes.filter((code) => code === "id_taken")).toHaveLength(clients.length - 1);
      }),
      { numRuns: 100 },
    );
    expect(claims).toBeGreaterThanOrEqual(3000);
  });
});
