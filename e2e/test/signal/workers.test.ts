import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { PlainClient } from "../../src/client.js";
import { startProcess } from "../../src/process.js";
import { builtApp, startSignalServer, type SignalServer } from "../../src/signal-server.js";
import { patienceMs, within } from "../../src/within.js";
import { Chat, unique } from "../datachannel/support/chat.js";

interface Stats {
  readonly connections: number;
  readonly registered: number;
  readonly workers: readonly { readonly connections: number; readonly registered: number }[];
}

async function startWorkers(...args: readonly string[]): Promise<SignalServer> {
  // A server that is killed cannot take its folder away.
  const folder = await mkdtemp(path.join(tmpdir(), "conic-e2e-"));
  const options = ["--workers=2", "--log-format=json", ...args];
  const server = await startSignalServer({ args: options, env: { TMPDIR: folder } });
  return {
    ...server,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

async function statsOf(server: SignalServer): Promise<Stats> {
  return (await (await server.get("/stats")).json()) as Stats;
}

/** The process of a worker; of its `life`, counted from 1. */
async function processOf(server: SignalServer, worker: number, life = 1): Promise<number> {
  const { stderr } = server.process;
  const find = (): number | undefined => {
    const lives = stderr.all
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ msg, worker: index }) => msg === "a worker serves" && index === worker);
    return lives[life - 1]?.["processId"] as number | undefined;
  };
  for (let found = find(); ; found = find()) {
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Until a condition of the server's numbers holds. */
async function settled(server: SignalServer, isMet: (stats: Stats) => boolean): Promise<Stats> {
  const poll = async (): Promise<Stats> => {
    for (;;) {
      const stats = await statsOf(server);
      if (isMet(stats)) return stats;
    }
  };
  return within(poll(), patienceMs, () => "the numbers of the server");
}

describe("several workers", () => {
  it("are one server: whoever lands where, ids are reached, and numbers add up", async () => {
    await using server = await startWorkers();
    const clients: PlainClient[] = [];
    for (let i = 0; i < 20; i += 1) {
      const client = await PlainClient.open(server.url);
      await client.register({ ID: `client-${i}` });
      clients.push(client);
    }
    for (const [i, client] of clients.entries()) {
      const TargetID = `client-${(i + 7) % clients.length}`;
      client.send("candidate", { TargetID, Candidate: String(i) });
    }
    for (const [i, client] of clients.entries()) {
      const from = (i + clients.length - 7) % clients.length;
      expect((await client.next()).raw).toMatchObject({
        ID: `client-${from}`,
        Candidate: String(from),
      });
    }
    const stats = await statsOf(server);
    expect(stats).toMatchObject({ connections: 20, registered: 20 });
    // Otherwise nothing was shown here.
    expect(stats.workers.map(({ registered }) => registered > 0)).toEqual([true, true]);
    const metrics = await (await server.get("/metrics")).text();
    expect(metrics).toMatch(/^conic_signal_connections 20$/m);
    expect(metrics).toMatch(/^conic_signal_connections_opened_total 20$/m);
    expect(metrics).toMatch(/^conic_signal_messages_total\{type="candidate",outcome="ok"\} 20$/m);
    await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
    await settled(server, ({ connections, registered }) => connections + registered === 0);
  });

  it("let two programs chat, whichever worker they are with, also in a room", async () => {
    await using server = await startWorkers();
    for (let round = 0; round < 2; round += 1) {
      const [alice, bob, room] = [unique("alice"), unique("bob"), unique("room")];
      await using a = await Chat.json(server.url, alice, "--role=answer");
      await using b = await Chat.json(server.url, bob, `--target=${alice}`);
      await b.line("hello");
      await a.event("message", { text: "hello" });
      await a.line("hi");
      await b.event("message", { text: "hi" });
      await using c = await Chat.json(server.url, unique("carol"), `--room=${room}`);
      await using d = await Chat.json(server.url, unique("dave"), `--room=${room}`);
      await c.event("channel", { state: "open" });
      await d.line("to all");
      await c.event("message", { text: "to all" });
      expect([a, b, c, d].flatMap(({ names }) => names)).not.toContain("error");
    }
  });

  it("S2: give an id that is claimed by many at once to one", async () => {
    await using server = await startWorkers();
    const claims = 20;
    for (let round = 0; round < 50; round += 1) {
      const opening = Array.from({ length: claims }, () => PlainClient.open(server.url));
      const clients = await Promise.all(opening);
      for (const client of clients) client.send("register", { ID: `wanted-${round}` });
      const answers = await Promise.all(clients.map((client) => client.next()));
      const winners = answers.filter(({ type }) => type === "register_response");
      const codes = answers.map(({ raw }) => raw["Code"]).filter((code) => code !== undefined);
      expect([round, winners.length, codes.length]).toEqual([round, 1, claims - 1]);
      expect(new Set(codes)).toEqual(new Set(["id_taken"]));
      await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
    }
  });

  it("survive the death of one: its clients come back and call, the others notice nothing", async () => {
    await using server = await startWorkers();
    const names = Array.from({ length: 6 }, () => unique("peer"));
    const chats: Chat[] = [];
    for (const name of names) chats.push(await Chat.json(server.url, name, "--role=answer"));
    const { workers } = await statsOf(server);
    expect(workers.every(({ registered }) => registered > 0)).toBe(true);
    process.kill(await processOf(server, 1), "SIGKILL");
    await processOf(server, 1, 2);
    await settled(server, ({ registered }) => registered === chats.length);
    const back = chats.filter(({ names: events }) => events.includes("server"));
    expect(back.length).toBeGreaterThan(0);
    expect(back.length).toBeLessThan(chats.length);
    await using caller = await Chat.json(server.url, unique("caller"));
    for (const [i, name] of names.entries()) {
      await caller.line(`offer ${name}`);
      await caller.event("channel", { peer: name, state: "open" });
      await caller.line(`still there, ${i}?`);
      await chats[i]?.event("message", { text: `still there, ${i}?` });
    }
    for (const { names: events } of chats) expect(events).not.toContain("error");
    await Promise.all(chats.map((chat) => chat[Symbol.asyncDispose]()));
  });
});

describe("stopping several workers", () => {
  it.each([
    ["SIGTERM", "process"],
    ["SIGINT", "group"],
  ] as const)("%s to the %s: clients are told with 1001, exit code 0", async (signal, target) => {
    await using server = await startWorkers();
    const clients = await Promise.all(
      Array.from({ length: 12 }, () => PlainClient.open(server.url)),
    );
    await Promise.all(clients.map((client, i) => client.register({ ID: `c-${i}` })));
    server.process.kill(signal, target);
    for (const client of clients) {
      expect(await client.closed).toEqual({ code: 1001, reason: "shutting_down" });
    }
    expect(await server.process.exit()).toEqual({ code: 0, signal: null });
    await expect(server.get("/healthz")).rejects.toThrow("fetch failed");
  });

  it("S16: under load, everything that was taken arrives", async () => {
    await using server = await startWorkers();
    const count = 8;
    const clients = await Promise.all(
      Array.from({ length: count }, () => PlainClient.open(server.url)),
    );
    // With sessions: at the end, the server says how many frames it has taken.
    for (const [i, client] of clients.entries()) {
      await client.register({ ID: `load-${i}`, Received: 0 });
      client.send("ack", { Received: 0 });
    }
    const heard = clients.map(() => new Map<string, number[]>());
    const taken = clients.map(() => 0);
    const refused = clients.map(() => new Set<number>());
    const reading = clients.map(async (client, i) => {
      for (;;) {
        const message = await client.next().catch(() => undefined);
        if (message === undefined) return;
        const { type, raw, id } = message;
        if (type === "ack") taken[i] = Number(raw["Received"]);
        if (type === "error") refused[i]?.add(Number(id));
        if (type !== "candidate") continue;
        const from = String(raw["ID"]);
        const list = heard[i]?.get(from) ?? [];
        list.push(Number(raw["Candidate"]));
        heard[i]?.set(from, list);
      }
    });
    const stopped = new AbortController();
    const sending = (async () => {
      for (let number = 0; !stopped.signal.aborted; number += 1) {
        for (const [i, client] of clients.entries()) {
          const TargetID = `load-${(i + 1) % count}`;
          client.send("candidate", { TargetID, Candidate: String(number) }, String(number));
        }
        await new Promise(setImmediate);
      }
    })();
    await settled(server, (stats) => {
      const { hub } = stats as Stats & { readonly hub: { readonly messagesOut: number } };
      return hub.messagesOut > 2000;
    });
    server.process.kill("SIGTERM");
    await Promise.all(clients.map((client) => client.closed));
    stopped.abort();
    await Promise.all([sending, ...reading]);
    expect(await server.process.exit()).toEqual({ code: 0, signal: null });
    for (const [i] of clients.entries()) {
      const numbers = heard[(i + 1) % count]?.get(`load-${i}`) ?? [];
      // Each once, and in order.
      const wrong = numbers.findIndex((number, at) => number <= (numbers[at - 1] ?? -1));
      expect([i, wrong]).toEqual([i, -1]);
      const arrived = new Set(numbers);
      const missing = Array.from({ length: taken[i] ?? 0 }, (_, number) => number).filter(
        (number) => !arrived.has(number) && refused[i]?.has(number) !== true,
      );
      expect([i, missing]).toEqual([i, []]);
      expect(taken[i]).toBeGreaterThan(0);
    }
  });
});

describe("workers that cannot start", () => {
  it("say once why, and end with the code of that", async () => {
    await using server = await startWorkers();
    const args = [builtApp("signal"), "--workers=2", `--port=${server.port}`];
    await using second = await startProcess(process.execPath, args);
    expect(await second.exit()).toEqual({ code: 2, signal: null });
    const said = second.stderr.all.filter((line) => line.includes("is in use"));
    expect(said).toEqual([expect.stringMatching(/port \d+ on localhost is in use/)]);
    expect(second.stdout.all).toEqual([]);
  });
});
