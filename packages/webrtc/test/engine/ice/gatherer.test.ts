import { createSocket } from "node:dgram";
import { failOnLeaks, FakeClock } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { IceAgent } from "../../../src/engine/werift/ice/agent/agent.js";
import { Gatherer, type LocalCandidate } from "../../../src/engine/werift/ice/links/gatherer.js";
import { randomFrom } from "./world.js";

interface Scene extends AsyncDisposable {
  readonly agent: IceAgent;
  readonly gatherer: Gatherer;
  readonly found: LocalCandidate[];
}

function nothing(): void {
  // No event of the agent matters here.
}

async function isFree({ address, port }: LocalCandidate): Promise<boolean> {
  const socket = createSocket("udp4");
  const isBound = new Promise<boolean>((resolve) => {
    socket.once("listening", () => {
      resolve(true);
    });
    socket.once("error", () => {
      resolve(false);
    });
  });
  socket.bind({ address, port, exclusive: true });
  const free = await isBound;
  await new Promise<void>((resolve) => {
    socket.close(resolve);
  });
  return free;
}

function scene(hostAddresses: () => readonly string[]): Scene {
  const agent = new IceAgent(
    { clock: new FakeClock(), random: randomFrom(1), controlling: true },
    { selected: nothing, failed: nothing, datagram: nothing },
  );
  const found: LocalCandidate[] = [];
  const gatherer = new Gatherer({
    agent,
    hostAddresses,
    iceServers: [],
    onCandidate: (candidate) => found.push(candidate),
  });
  return {
    agent,
    gatherer,
    found,
    [Symbol.asyncDispose]: async () => {
      agent.close();
      await gatherer.close();
    },
  };
}

describe("gathering", () => {
  failOnLeaks();

  it("gives each address a socket of its own, on that address alone, best first", async () => {
    await using run = scene(() => ["127.0.0.1", "127.0.0.2"]);
    await run.gatherer.gather();
    expect(run.found.map(({ kind, address }) => [kind, address])).toEqual([
      ["host", "127.0.0.1"],
      ["host", "127.0.0.2"],
    ]);
    const [first, second] = run.found;
    expect(first?.priority).toBeGreaterThan(second?.priority ?? NaN);
    expect(first?.foundation).not.toBe(second?.foundation);
    expect(first?.port).toBeGreaterThan(0);
  });

  it("offers an address that is not this host's on a socket of all addresses", async () => {
    await using run = scene(() => ["203.0.113.1"]);
    await run.gatherer.gather();
    expect(run.found).toMatchObject([{ kind: "host", address: "203.0.113.1" }]);
  });

  it("leaves out what is no address at all, and goes on", async () => {
    await using run = scene(() => ["fe80::1%nowhere", "127.0.0.1"]);
    await run.gatherer.gather();
    expect(run.found.map(({ address }) => address)).toContain("127.0.0.1");
  });

  it("again keeps the sockets of addresses that are still there, and lets the others go", async () => {
    let addresses = ["127.0.0.1", "127.0.0.2"];
    await using run = scene(() => addresses);
    await run.gatherer.gather();
    const [kept] = run.found.splice(0);
    const seen: LocalCandidate[] = [];
    for (let turn = 3; turn < 6; turn += 1) {
      addresses = ["127.0.0.1", `127.0.0.${turn}`];
      await run.gatherer.gather();
      const [again, fresh] = run.found.splice(0);
      expect(again).toEqual(kept);
      expect(fresh?.address).toBe(`127.0.0.${turn}`);
      if (fresh !== undefined) seen.push(fresh);
    }
    // The path in use may be on the one that went last.
    expect(await Promise.all(seen.map(isFree))).toEqual([true, false, false]);
  });

  it("that two ask for at once opens each address once", async () => {
    await using run = scene(() => ["127.0.0.1"]);
    await Promise.all([run.gatherer.gather(), run.gatherer.gather()]);
    const [first, second] = run.found;
    expect(run.found).toHaveLength(2);
    expect(first?.port).toBe(second?.port);
  });

  it("ends when it is closed, and does not begin after that", async () => {
    const run = scene(() => ["127.0.0.1"]);
    const gathering = run.gatherer.gather();
    await run.gatherer.close();
    await gathering;
    run.found.splice(0);
    await run.gatherer.gather();
    expect(run.found).toEqual([]);
    await run[Symbol.asyncDispose]();
  });
});
