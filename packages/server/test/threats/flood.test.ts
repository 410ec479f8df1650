import type { Connection } from "@conic/domain";
import { failOnLeaks, FakeClock } from "@conic/internal-testing";
import { memoryPair } from "@conic/transport";
import { describe, expect, it } from "vitest";
import { createSignalingServer, type SignalingServer } from "../../src/index.js";
import { TestClient } from "../support/client.js";

failOnLeaks();

const stepMs = 10;
const bob = { TargetID: "bob", Candidate: "flood" };

/** Lets the server handle what was sent at this moment of the clock. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A client that the server sees at this address. */
function connectFrom(server: SignalingServer, address: string): TestClient {
  const [near, far] = memoryPair();
  const seen: Connection = new Proxy(far, {
    get: (target, name) => {
      if (name === "remoteAddress") return address;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
  server.handleConnection(seen);
  return new TestClient(near);
}

/** Sends at a steady rate while the clock goes on; a client that was closed is replaced by `again`. */
async function flood(
  clock: FakeClock,
  seconds: number,
  perSecond: number,
  attackers: TestClient[],
  again: () => Promise<TestClient>,
): Promise<number> {
  let sent = 0;
  for (let at = 0; at < seconds * 1000; at += stepMs) {
    const due = Math.floor(((at + stepMs) * perSecond) / 1000) - sent;
    for (let i = 0; i < due; i += 1) {
      const which = sent % attackers.length;
      let attacker = attackers[which];
      if (attacker === undefined || attacker.connection.readyState !== "open") {
        attacker = await again();
        attackers[which] = attacker;
      }
      attacker.send("candidate", bob);
      sent += 1;
    }
    await turn();
    clock.advance(stepMs);
  }
  return sent;
}

/** Counts what comes to a client, as fast as it comes. */
function counting(client: TestClient): { readonly count: number; readonly done: Promise<void> } {
  const state = { count: 0, done: Promise.resolve() };
  const read = async (): Promise<void> => {
    for await (const { text } of client.rest()) {
      if (text.includes('"candidate"')) state.count += 1;
    }
  };
  state.done = read();
  return state;
}

describe("S4 a flood at a victim", () => {
  it("at ten times the rate of one connection: the victim gets burst + rate × time at most", async () => {
    const clock = new FakeClock();
    const [rate, burst, seconds] = [100, 500, 20];
    const options = { maxMessagesPerSecond: rate, maxMessageBurst: burst, maxRefusedPerMinute: 0 };
    await using server = createSignalingServer({ ...options, clock });
    await using victim = TestClient.inMemory(server);
    await victim.register({ ID: "bob" });
    const attacker = TestClient.inMemory(server);
    await attacker.register();
    const refusals = counting(attacker);
    const got = counting(victim);
    const sent = await flood(clock, seconds, rate * 10, [attacker], () => {
      throw new Error("nobody was to be closed");
    });
    expect(sent).toBe(20_000);
    expect(got.count).toBeLessThanOrEqual(burst + rate * seconds);
    // And not so few that the limit is another one than it says.
    expect(got.count).toBeGreaterThan((burst + rate * seconds) * 0.9);
    expect(refusals.count).toBe(0);
    expect(server.stats().errorsSent).toEqual({ rate_limited: sent - got.count });
    await attacker.connection.close();
    await refusals.done;
  });

  it("by an address that opens connection after connection: those of the address count together", async () => {
    const clock = new FakeClock();
    const [rate, burst, seconds] = [200, 1_000, 20];
    const options = {
      maxAddressMessagesPerSecond: rate,
      maxAddressMessageBurst: burst,
      maxRefusedPerMinute: 100,
    };
    await using server = createSignalingServer({ ...options, clock });
    await using victim = connectFrom(server, "192.0.2.1");
    await victim.register({ ID: "bob" });
    const got = counting(victim);
    const attackers: TestClient[] = [];
    let opened = 0;
    const again = async (): Promise<TestClient> => {
      const client = connectFrom(server, "203.0.113.7");
      client.send("register");
      await turn();
      void counting(client).done;
      opened += 1;
      return client;
    };
    for (let i = 0; i < 10; i += 1) attackers.push(await again());
    await flood(clock, seconds, rate * 10, attackers, again);
    // It was thrown out again and again (1008), and got nothing for coming back.
    expect(opened).toBeGreaterThan(50);
    expect(got.count).toBeLessThanOrEqual(burst + rate * seconds);
    expect(got.count).toBeGreaterThan(burst * 0.9);
    await Promise.all(attackers.map((client) => client.connection.close()));
  });

  it("does not cost others: who keeps to the limits is refused nothing meanwhile", async () => {
    const clock = new FakeClock();
    const seconds = 10;
    await using server = createSignalingServer({ clock, maxRefusedPerMinute: 0 });
    await using victim = TestClient.inMemory(server);
    await victim.register({ ID: "bob" });
    await using listener = TestClient.inMemory(server);
    await listener.register({ ID: "dave" });
    await using bystander = TestClient.inMemory(server);
    await bystander.register({ ID: "carol" });
    const attacker = TestClient.inMemory(server);
    await attacker.register();
    const [refused, heard, flooded] = [attacker, listener, victim].map(counting);
    let said = 0;
    for (let second = 0; second < seconds; second += 1) {
      for (let i = 0; i < 50; i += 1) {
        bystander.send("candidate", { TargetID: "dave", Candidate: String(said) });
        said += 1;
      }
      await flood(clock, 1, 2_000, [attacker], () => Promise.resolve(attacker));
    }
    expect(await bystander.roundTrip()).toEqual([]);
    expect(heard?.count).toBe(said);
    expect(flooded?.count).toBeLessThanOrEqual(5_000 + 100 * seconds);
    await attacker.connection.close();
    await refused?.done;
  });
});
