import { FakeClock, failOnLeaks } from "@conic/internal-testing";
import { encodeMessage } from "@conic/protocol";
import { describe, expect, it } from "vitest";
import { offer } from "../support/client.js";
import { Nodes } from "./nodes.js";

failOnLeaks();

const turn = (): Promise<void> => new Promise(setImmediate);

describe("a node that is gone", () => {
  it("takes the clients along whose id is at home there: they are asked to come back, and can", async () => {
    await using nodes = new Nodes();
    const ID = nodes.nameAt(1);
    const alice = nodes.connect(0);
    await alice.register({ ID });
    await nodes.crash(1);
    expect(await alice.closed).toMatchObject({ code: 1001, reason: "shutting_down" });
    nodes.start(1);
    const again = nodes.connect(0);
    expect((await again.register({ ID, Resume: "of the life before" })).ID).toBe(ID);
  });

  it("harms nobody else, and what is sent to it is answered target_not_found", async () => {
    await using nodes = new Nodes();
    const bob = nodes.connect(0);
    const carol = nodes.connect(2);
    const bobId = (await bob.register()).ID;
    const carolId = (await carol.register()).ID;
    const TargetID = nodes.nameAt(1);
    await nodes.connect(1).register({ ID: TargetID });
    await nodes.crash(1);
    bob.send("sdp", { TargetID, SessionDescription: offer });
    expect((await bob.expect("error")).body).toMatchObject({ Code: "target_not_found", TargetID });
    bob.send("sdp", { TargetID: carolId, SessionDescription: offer });
    expect((await carol.expect("sdp")).body.ID).toBe(bobId);
  });

  it("leaves the session of a client that was connected to it, which goes on through another", async () => {
    await using nodes = new Nodes();
    const ID = nodes.nameAt(1);
    const alice = nodes.connect(0);
    const first = await alice.register({ ID, Received: 0 });
    alice.send("ack", { Received: 0 });
    await alice.roundTrip();
    await nodes.crash(0);
    const bob = nodes.connect(2);
    const bobId = (await bob.register()).ID;
    bob.send("candidate", { TargetID: ID, Candidate: "while she is away" });
    expect(await bob.roundTrip()).toEqual([]);
    expect(nodes.at(1).stats().away).toBe(1);
    const again = nodes.connect(2);
    const resumed = await again.register({ ID, Resume: first.Resume, Received: 1 });
    expect(resumed).toMatchObject({ ID, Resumed: true });
    expect((await again.expect("candidate")).body).toMatchObject({
      ID: bobId,
      Candidate: "while she is away",
    });
  });

  it("is waited for by who wants an id of it, for a time; then it is asked to come back", async () => {
    const clock = new FakeClock();
    await using nodes = new Nodes({ clock });
    await turn();
    await nodes.crash(1);
    const soon = nodes.connect(0);
    soon.send("register", { ID: nodes.nameAt(1) });
    await turn();
    nodes.start(1);
    expect((await soon.expect("register_response")).body.ID).toBe(nodes.nameAt(1));
    await nodes.crash(1);
    const never = nodes.connect(0);
    never.send("register", { ID: nodes.nameAt(1) });
    await turn();
    clock.advance(5000);
    expect(await never.refusal()).toBe("shutting_down");
    expect((await never.closed).code).toBe(1001);
  });
});

describe("a room", () => {
  it("loses the members of a node that is gone, and tells the others", async () => {
    await using nodes = new Nodes();
    await turn();
    const Room = nodes.nameAt(0, "room");
    const alice = nodes.connect(0);
    const bob = nodes.connect(1);
    const aliceId = (await alice.register()).ID;
    const bobId = (await bob.register()).ID;
    alice.send("join", { Room });
    expect((await alice.expect("peers")).body.Peers).toEqual([]);
    bob.send("join", { Room });
    expect((await bob.expect("peers")).body.Peers).toEqual([aliceId]);
    expect((await alice.expect("peer_joined")).body.ID).toBe(bobId);
    await nodes.crash(1);
    expect((await alice.expect("peer_left")).body.ID).toBe(bobId);
  });

  it("is made again by its members when the node that kept it comes back", async () => {
    await using nodes = new Nodes();
    await turn();
    const Room = nodes.nameAt(1, "room");
    const alice = nodes.connect(0);
    const bob = nodes.connect(2);
    const carol = nodes.connect(1);
    const aliceId = (await alice.register()).ID;
    const bobId = (await bob.register()).ID;
    await carol.register();
    for (const client of [alice, bob, carol]) {
      client.send("join", { Room });
      await client.expect("peers");
    }
    await Promise.all([alice.roundTrip(), bob.roundTrip()]);
    await nodes.crash(1);
    await turn();
    const dave = nodes.connect(0);
    const daveId = (await dave.register()).ID;
    // It waits for that, for a time.
    dave.send("join", { Room });
    await turn();
    nodes.start(1);
    // Carol was connected to it, and is gone; the two others never left.
    expect((await alice.expect("peers")).body.Peers).toEqual([bobId]);
    expect((await bob.expect("peers")).body.Peers).toEqual([aliceId]);
    expect((await dave.expect("peers")).body.Peers.toSorted()).toEqual([aliceId, bobId].toSorted());
    expect((await bob.expect("peer_joined")).body.ID).toBe(daveId);
  });
});

describe("a room whose keeper stays away", () => {
  it("is not there now: rate_limited, after a time", async () => {
    const clock = new FakeClock();
    await using nodes = new Nodes({ clock });
    await nodes.linked();
    const alice = nodes.connect(0);
    await alice.register();
    await nodes.crash(1);
    alice.send("join", { Room: nodes.nameAt(1, "room") });
    await turn();
    clock.advance(5000);
    expect((await alice.expect("error")).body).toMatchObject({
      Code: "rate_limited",
      RetryAfterMs: 1000,
    });
    // She is in no room, and may leave it all the same.
    alice.send("leave", { Room: nodes.nameAt(1, "room") });
    await alice.expect("leave_response");
  });
});

describe("closing a node", () => {
  it("says goodbye to all who are connected to it, wherever their id is at home", async () => {
    await using nodes = new Nodes();
    await turn();
    const clients = await Promise.all(
      [0, 1, 2].map(async (home) => {
        const client = nodes.connect(0);
        await client.register({ ID: nodes.nameAt(home) });
        return client;
      }),
    );
    await nodes.at(0).close();
    for (const client of clients) {
      expect(await client.closed).toMatchObject({ code: 1001, reason: "shutting_down" });
    }
    expect(nodes.at(1).stats()).toMatchObject({ connections: 0, registered: 0 });
  });

  it("drops who does not answer, when its time is over", async () => {
    await using nodes = new Nodes();
    await turn();
    const deaf = nodes.connection(0);
    const ID = nodes.nameAt(2);
    deaf.send(encodeMessage({ type: "register", body: { ID } }));
    await turn();
    const reason = AbortSignal.abort();
    await expect(nodes.at(0).close({ signal: reason })).rejects.toMatchObject({ code: "aborted" });
    await deaf.closed;
    await turn();
    expect(nodes.at(2).stats().connections).toBe(0);
  });
});
