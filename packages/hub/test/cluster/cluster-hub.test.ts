import { ConicError, Frame } from "@conic/domain";
import { FakeClock, watchLeaks } from "@conic/internal-testing";
import { afterAll, describe, expect, it } from "vitest";
import { evict, FakeConnection } from "../fake-connection.js";
import { codeOf, rejectionOf, settle } from "../helpers.js";
import { describeHubContract } from "../hub-contract.js";
import { Cluster, idAt } from "./support.js";

const expectNoLeaks = watchLeaks();
afterAll(expectNoLeaks);

describeHubContract(
  "the hub of a cluster of one node",
  () => new Cluster({ nodes: 1 }).join(0).hub,
);

const text = (value: string): Frame => Frame.fromText(value);

/** Two of three nodes, and a client of the second one. */
async function twoNodes(clock = new FakeClock()) {
  const cluster = new Cluster({ nodes: 3 }, clock);
  const a = cluster.join(0);
  const b = cluster.join(1);
  await settle();
  const connection = new FakeConnection();
  const bob = { id: idAt(1), connection, registeredAt: 0 };
  const registration = b.hub.register(bob);
  return { cluster, clock, a, b, bob, connection, registration };
}

describe("the hub of a cluster", () => {
  it("delivers to a client of another node, and says so", async () => {
    const { a, b, bob, connection } = await twoNodes();
    expect(await a.hub.send(bob.id, text("hello"))).toEqual({ status: "relayed", node: "1" });
    expect(connection.received).toEqual(["hello"]);
    expect(b.hub.stats()).toMatchObject({ messagesIn: 1, messagesOut: 1, bytesOut: 5 });
    expect(a.hub.stats()).toMatchObject({ messagesIn: 0, connectedClients: 0 });
  });

  it("delivers at once, without a promise, what is at home", async () => {
    const { b, bob } = await twoNodes();
    expect(b.hub.send(bob.id, text("hello"))).toEqual({ status: "sent" });
    expect(b.hub.send(idAt(1, 3).replace("client", "nobody") as never, text("x"))).toBeDefined();
  });

  it("says target_not_found of an id that nobody holds, and of one on a node that is not there", async () => {
    const { a, bob, registration } = await twoNodes();
    registration[Symbol.dispose]();
    const expected = { status: "undeliverable", reason: "target_not_found" };
    expect(await a.hub.send(bob.id, text("x"))).toEqual(expected);
    expect(await a.hub.send(idAt(2), text("x"))).toEqual(expected);
    expect(a.hub.stats()).toMatchObject({ messagesIn: 1, messagesDropped: 1 });
  });

  it("hands on what became of a frame: slow_consumer, closed, and what the connection threw", async () => {
    const { a, bob, connection } = await twoNodes();
    connection.behaviour.send = () => {
      throw new ConicError("too_large", "a frame is at most 1 byte");
    };
    expect(await rejectionOf(Promise.resolve(a.hub.send(bob.id, text("x"))))).toMatchObject({
      code: "too_large",
    });
    connection.behaviour.send = (slow) => evict(slow);
    expect(await a.hub.send(bob.id, text("x"))).toMatchObject({ reason: "slow_consumer" });
    expect(await a.hub.send(bob.id, text("x"))).toMatchObject({ reason: "target_not_found" });
  });

  it("waits for a node that does not answer, up to its limit", async () => {
    const { cluster, clock, a, b, bob, connection } = await twoNodes();
    cluster.network.stall("1");
    let outcome: unknown;
    void Promise.resolve(a.hub.send(bob.id, text("late"))).then((delivery) => {
      outcome = delivery;
    });
    clock.advance(4999);
    await settle();
    expect(outcome).toBeUndefined();
    clock.advance(1);
    await settle();
    expect(outcome).toMatchObject({ reason: "target_not_found" });
    cluster.network.release("1");
    await settle();
    // It may have arrived all the same; the answer to it is nobody's.
    expect(connection.received).toEqual(["late"]);
    expect(await a.hub.send(bob.id, text("now"))).toMatchObject({ status: "relayed" });
    expect(clock.pending).toBe(1);
    clock.advance(5000);
    expect(clock.pending).toBe(0);
    await b.hub[Symbol.asyncDispose]();
  });

  it("gives up at once what waits for a node that goes down", async () => {
    const { cluster, a, bob } = await twoNodes();
    cluster.network.stall("1");
    const delivery = a.hub.send(bob.id, text("lost"));
    cluster.network.kill("1");
    expect(await delivery).toMatchObject({ reason: "target_not_found" });
    cluster.network.release("1");
    const again = cluster.join(1);
    await settle();
    const connection = new FakeConnection();
    again.hub.register({ id: bob.id, connection, registeredAt: 0 });
    expect(await a.hub.send(bob.id, text("found"))).toMatchObject({ status: "relayed" });
    expect(connection.received).toEqual(["found"]);
  });

  it("sends to many and to all, wherever they are", async () => {
    const { cluster, a, bob, connection } = await twoNodes();
    const near = new FakeConnection();
    a.hub.register({ id: idAt(0), connection: near, registeredAt: 0 });
    cluster.join(2);
    await settle();
    const deliveries = await a.hub.sendMany([bob.id, idAt(0), idAt(2), bob.id], text("many"));
    expect(Array.from(deliveries.values(), ({ status }) => status)).toEqual([
      "relayed",
      "sent",
      "undeliverable",
    ]);
    expect(await a.hub.broadcast(text("all"), { except: bob.id })).toBe(1);
    expect(await a.hub.broadcast(text("all"))).toBe(2);
    expect([near.received, connection.received]).toEqual([
      ["many", "all", "all"],
      ["many", "all"],
    ]);
  });

  it("registers nobody whose home is elsewhere", async () => {
    const { a } = await twoNodes();
    const connection = new FakeConnection();
    const client = { id: idAt(1), connection, registeredAt: 0 };
    expect(codeOf(() => a.hub.register(client))).toBe("invalid_argument");
    expect(a.hub.get(idAt(1))).toBeUndefined();
    expect([...a.hub.clients()]).toEqual([]);
  });

  it("ends the link to a node that says what no hub says", async () => {
    const { a, b, bob } = await twoNodes();
    b.backplane.send("0", new Uint8Array([1, 1, 0, 0]));
    b.backplane.send("0", new Uint8Array([99]));
    await settle();
    expect(await a.hub.send(bob.id, text("again"))).toMatchObject({ status: "relayed" });
  });
});
