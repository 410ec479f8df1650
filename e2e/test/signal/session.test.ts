import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { openTcpProxy } from "../../../internal/testing/src/tcp-proxy.js";
import { PlainClient } from "../../src/client.js";
import { startProcess, type RunningProcess } from "../../src/process.js";
import { startSignalServer, type SignalServer } from "../../src/signal-server.js";
import { whileItLasts } from "../../../internal/testing/src/haste.js";
import { root } from "../../src/process.js";
import path from "node:path";

const total = 150;

/** A client process: it sends numbered messages to its peer, and prints those that it gets. */
const program = `
  import { connect } from "@conic/client";
  const { URL, ID, PEER, TOTAL } = process.env;
  const client = await connect(URL, { id: ID, backoff: { initialMs: 20, maxMs: 100 } });
  client.on("statechange", (state) => console.log("state " + state));
  client.on("fault", (error) => {
    if (error.code !== "closed" && error.code !== "unreachable") console.log("fault " + error.code);
  });
  process.stdin.once("data", async () => {
    for (let i = 0; i < Number(TOTAL); i += 1) {
      await client.relay(PEER, "n", new TextEncoder().encode(String(i)));
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
    console.log("sent");
  });
  console.log("ready");
  for await (const { data } of client.relayed()) console.log("got " + new TextDecoder().decode(data));
`;

function startClient(url: string, id: string, peer: string): Promise<RunningProcess> {
  return startProcess(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: path.join(root, "apps/datachannel"),
    env: { URL: url, ID: id, PEER: peer, TOTAL: String(total) },
  });
}

function got({ stdout }: RunningProcess): string[] {
  return Array.from(stdout.text.matchAll(/^got (\d+)$/gm), ([, number = ""]) => number);
}

const numbers = Array.from({ length: total }, (_, i) => String(i));

describe.concurrent.each(["cut", "strand"] as const)(
  "a TCP connection that breaks by %s",
  (how) => {
    it("under traffic loses, doubles and reorders nothing, and the id stays", async () => {
      await using server = await startSignalServer();
      await using proxy = await openTcpProxy(server.port);
      const [alice, bob] = [`alice-${how}`, `bob-${how}`];
      await using a = await startClient(`ws://127.0.0.1:${proxy.port}/ws`, alice, bob);
      await using b = await startClient(`ws://127.0.0.1:${server.port}/ws`, bob, alice);
      await Promise.all([a.stdout.waitFor(/^ready$/), b.stdout.waitFor(/^ready$/)]);
      for (const client of [a, b]) client.stdin.write("go\n");
      for (let i = 0; i < 5; i += 1) {
        // Not a wait for something: the break is to come at no moment in particular.
        await pause(60);
        proxy[how]();
      }
      await Promise.all(
        [a, b].map(({ stdout }) => stdout.waitFor(new RegExp(`^got ${total - 1}$`))),
      );
      expect(got(a)).toEqual(numbers);
      expect(got(b)).toEqual(numbers);
      expect(a.stdout.text).toContain("state reconnecting");
      expect(a.stdout.text + b.stdout.text).not.toMatch(/^fault/m);
      expect(server.process.stderr.text).not.toContain("ERROR");
    });
  },
);

/** Bob has a session, and has lost his connection. */
async function bobAway(server: SignalServer): Promise<void> {
  await using proxy = await openTcpProxy(server.port);
  const bob = await PlainClient.open(`ws://127.0.0.1:${proxy.port}/ws`);
  await bob.register({ ID: "bob", Received: 0 });
  bob.send("ack", { Received: 0 });
  bob.send("no_such_type");
  await bob.next();
  proxy.cut();
  await bob.closed;
}

describe.concurrent("an id whose client does not come back", () => {
  it("is kept for --resume-ttl-ms: its senders are told then, and it is free", () =>
    whileItLasts([1_500, 6_000, 24_000], async (kept) => {
      await using server = await startSignalServer({ args: [`--resume-ttl-ms=${kept.ms}`] });
      await using alice = await PlainClient.open(server.url);
      await alice.register({ ID: "alice" });
      kept.begin();
      await bobAway(server);
      alice.send("candidate", { TargetID: "bob", Candidate: "" }, "queued");
      alice.send("register", { ID: "x" }, "then");
      // The message before was taken without an error.
      expect(await alice.next()).toMatchObject({ id: "then" });
      await using heir = await PlainClient.open(server.url);
      heir.send("register", { ID: "bob" });
      const { raw } = await heir.next();
      expect(raw).toMatchObject({ Code: "id_taken" });
      expect(raw["RetryAfterMs"]).toBeLessThanOrEqual(kept.ms);
      kept.done();
      const expired = { Code: "target_not_found", TargetID: "bob" };
      expect(await alice.next()).toMatchObject({ id: "queued", raw: expired });
      alice.send("candidate", { TargetID: "bob", Candidate: "" }, "late");
      expect(await alice.next()).toMatchObject({ id: "late", raw: expired });
      await heir.register({ ID: "bob" });
    }));

  it("is freed at once by a server that keeps none", async () => {
    await using server = await startSignalServer({ args: ["--resume-ttl-ms=0"] });
    await using alice = await PlainClient.open(server.url);
    await alice.register({ ID: "alice" });
    await using bob = await PlainClient.open(server.url);
    expect((await bob.register({ ID: "bob", Received: 0 })).raw).not.toHaveProperty("Received");
  });
});
