import { describe, expect, it } from "vitest";
import { offer } from "../support/client.js";
import { Nodes } from "./nodes.js";

describe("ids of several nodes", () => {
  it("are at home on the node of the client that leaves the choice to the server", async () => {
    await using nodes = new Nodes();
    for (let index = 0; index < 12; index += 1) {
      const { ID } = await nodes.connect(index % 3).register();
      expect(nodes.homeOf(ID)).toBe(index % 3);
    }
  });

  it("may be asked for on any node, and are reached from any", async () => {
    await using nodes = new Nodes();
    for (let home = 0; home < 3; home += 1) {
      for (let entry = 0; entry < 3; entry += 1) {
        const alice = nodes.connect(entry);
        const ID = nodes.nameAt(home, `from-${entry}`);
        expect((await alice.register({ ID })).ID).toBe(ID);
        for (let from = 0; from < 3; from += 1) {
          const bob = nodes.connect(from);
          const { ID: bobId } = await bob.register();
          bob.send("sdp", { TargetID: ID, SessionDescription: offer });
          expect((await alice.expect("sdp")).body.ID).toBe(bobId);
          alice.send("sdp", { TargetID: bobId, SessionDescription: offer });
          expect((await bob.expect("sdp")).body.ID).toBe(ID);
        }
      }
    }
    const connections = [0, 1, 2].map((index) => nodes.at(index).stats().connections);
    expect(connections.reduce((sum, count) => sum + count)).toBe(9 + 27);
  });

  it("have one holder, wherever it is asked for", async () => {
    await using nodes = new Nodes();
    const claims = Array.from({ length: 30 }, async (_, i) => {
      const client = nodes.connect(i % 3);
      client.send("register", { ID: "wanted" });
      const { type } = await client.next();
      return type;
    });
    const outcomes = await Promise.all(claims);
    expect(outcomes.filter((type) => type === "register_response")).toHaveLength(1);
    expect(outcomes.filter((type) => type === "error")).toHaveLength(29);
  });

  it("may be given up for another one, of whatever node, as often as one likes", async () => {
    await using nodes = new Nodes();
    const alice = nodes.connect(0);
    for (const home of [1, 2, 0, 0, 1, 0, 2, 2]) {
      const ID = nodes.nameAt(home, `round-${home}`);
      // All at once: what waits behind a `register` goes with it.
      alice.send("register", { ID });
      alice.send("no_such_type", undefined, "between");
      alice.send("unregister", { ID });
      expect((await alice.expect("register_response")).body.ID).toBe(ID);
      expect((await alice.expect("error")).id).toBe("between");
      expect((await alice.expect("unregister_response")).body.ID).toBe(ID);
    }
    await alice.register();
    expect(nodes.network.nodes).toHaveLength(3);
  });

  it("are refused where they are taken, and the client may ask for another of another node", async () => {
    await using nodes = new Nodes();
    const ID = nodes.nameAt(1);
    await nodes.connect(2).register({ ID });
    const late = nodes.connect(0);
    late.send("register", { ID });
    expect(await late.refusal()).toBe("id_taken");
    const other = nodes.nameAt(2, "other");
    expect((await late.register({ ID: other })).ID).toBe(other);
  });

  it("are answered target_not_found when nobody holds them", async () => {
    await using nodes = new Nodes();
    const alice = nodes.connect(0);
    await alice.register();
    for (const home of [0, 1, 2]) {
      const TargetID = nodes.nameAt(home, "nobody");
      alice.send("candidate", { TargetID, Candidate: "" }, "c");
      const { body, id } = await alice.expect("error");
      expect([body.Code, body.TargetID, id]).toEqual(["target_not_found", TargetID, "c"]);
    }
  });
});
