import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { ConicError, deferred } from "@conic/domain";
import { failOnLeaks, FakeClock } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { offer } from "../support/client.js";
import { memoryWorld, openHost, worlds } from "../support/host.js";
import { createSignalingServer, type ServerObserver } from "../../src/index.js";
import { recorder } from "../support/recorder.js";

failOnLeaks();

type Call = readonly (string | number | undefined)[];

/** An observer that keeps what it is told; `only` these methods. */
function watcher(...only: (keyof ServerObserver)[]): { calls: Call[]; observer: ServerObserver } {
  const calls: Call[] = [];
  const observer = Object.fromEntries(
    only.map((name) => [name, (...args: Call) => void calls.push([name, ...args])]),
  );
  return { calls, observer };
}

/** The status of the answer. */
async function requireUpgrade(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<number | undefined> {
  const asked = request({
    host: "127.0.0.1",
    port,
    path,
    headers: { Connection: "Upgrade", Upgrade: "websocket", ...headers },
  });
  asked.end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

const handshake = {
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
};

describe.each(worlds)("an observer of a server %s", (_name, createWorld) => {
  it("is told who comes and goes, and that they register", async () => {
    const { calls, observer } = watcher(
      "connectionOpened",
      "connectionClosed",
      "registered",
      "unregistered",
    );
    await using world = await createWorld({ observer });
    await using alice = await world.connect();
    await alice.register({ ID: "alice" });
    alice.send("unregister", { ID: "alice" });
    await alice.expect("unregister_response");
    await alice.register({ ID: "alice" });
    await world.server.close();
    expect(calls).toEqual([
      ["connectionOpened"],
      ["registered"],
      ["unregistered"],
      ["registered"],
      ["unregistered"],
      ["connectionClosed", 1001, undefined],
    ]);
  });

  it("is told each message with what became of it", async () => {
    const { calls, observer } = watcher("messageHandled", "frameDropped");
    await using world = await createWorld({ observer });
    await using alice = await world.connect();
    alice.send("unregister", { ID: "alice" });
    expect(await alice.refusal()).toBe("not_registered");
    await alice.register({ ID: "alice" });
    alice.send("sdp", { TargetID: "alice", SessionDescription: offer });
    alice.send("sdp", { TargetID: "bob", SessionDescription: offer });
    alice.sendText("garbage");
    expect(await alice.roundTrip()).toHaveLength(3);
    expect(calls).toEqual([
      ["messageHandled", "unregister", "not_registered"],
      ["messageHandled", "register", "ok"],
      ["messageHandled", "sdp", "ok"],
      ["frameDropped", "target_not_found"],
      ["messageHandled", "sdp", "target_not_found"],
      ["messageHandled", "invalid", "invalid_message"],
      ["messageHandled", "invalid", "unsupported_type"],
    ]);
  });

  it("is told every byte of the frames, both ways", async () => {
    let received = 0;
    let sent = 0;
    const observer: ServerObserver = {
      frameReceived: (bytes) => {
        received += bytes;
      },
      frameSent: (bytes) => {
        sent += bytes;
      },
    };
    await using world = await createWorld({ observer });
    await using alice = await world.connect();
    const question = JSON.stringify({ type: "register", raw: '{"ID":"älice"}' });
    alice.sendText(question);
    const answer = await alice.nextFrame();
    expect([received, sent]).toEqual([Buffer.byteLength(question), answer.byteLength]);
  });
});

function fail(): never {
  throw new Error("broken");
}

describe("an observer", () => {
  it("is told of a client that leaves without waiting for its answer, and of no fault of the server", async () => {
    const { calls, observer } = watcher("messageHandled");
    const gone = deferred<void>();
    await using world = await memoryWorld({ observer, authenticate: () => gone.promise });
    await using alice = await world.connect();
    alice.send("register", { ID: "alice" });
    await alice.connection.close();
    gone.resolve();
    await expect.poll(() => calls).toEqual([["messageHandled", "register", "closed"]]);
  });

  it("is told of a refusal that takes a while, with its close code", async () => {
    const { calls, observer } = watcher("messageHandled", "connectionClosed");
    await using world = await memoryWorld({
      observer,
      authenticate: async () => {
        await Promise.resolve();
        throw new ConicError("unauthorized", "no");
      },
    });
    await using alice = await world.connect();
    alice.send("register");
    await alice.closed;
    await world.server.close();
    expect(calls).toEqual([
      ["messageHandled", "register", "unauthorized"],
      ["connectionClosed", 4501, undefined],
    ]);
  });

  it("is told how long a relayed message took on the server's clock, and of no other message", async () => {
    const clock = new FakeClock();
    const { calls, observer } = watcher("messageRelayed");
    const { logger } = recorder();
    // Time passes while the message is logged: between reading it and handing it on.
    const slow = { ...logger, debug: () => clock.advance(7) };
    await using world = await memoryWorld({ observer, clock, logger: slow });
    await using alice = await world.connect();
    await alice.register({ ID: "alice" });
    alice.send("candidate", { TargetID: "alice", Candidate: "candidate:1 1 udp 1 h 9 typ host" });
    alice.send("candidate", { TargetID: "nobody", Candidate: "candidate:1 1 udp 1 h 9 typ host" });
    await alice.roundTrip();
    expect(calls).toEqual([["messageRelayed", "candidate", 7]]);
  });

  it("that throws is logged, and changes nothing", async () => {
    const { entries, logger } = recorder();
    const observer: Required<ServerObserver> = {
      connectionOpened: fail,
      connectionClosed: fail,
      connectionRefused: fail,
      registered: fail,
      authenticated: fail,
      sessionAway: fail,
      sessionResumed: fail,
      sessionLost: fail,
      kicked: fail,
      unregistered: fail,
      limited: fail,
      frameReceived: fail,
      frameSent: fail,
      frameDropped: fail,
      messageHandled: fail,
      messageRelayed: fail,
      callReported: fail,
    };
    await using world = await memoryWorld({ observer, logger });
    await using alice = await world.connect();
    await alice.register({ ID: "alice" });
    alice.send("sdp", { TargetID: "alice", SessionDescription: offer });
    await alice.expect("sdp");
    alice.send("sdp", { TargetID: "bob", SessionDescription: offer });
    expect(await alice.refusal()).toBe("target_not_found");
    await world.server.close();
    const errors = entries.filter(({ level }) => level === "error");
    expect(new Set(errors.map(({ message }) => message))).toEqual(new Set(["the observer failed"]));
  });

  it("is told the status of a request that gets no connection", async () => {
    const { calls, observer } = watcher("connectionRefused", "connectionOpened");
    await using host = await openHost();
    const allowedOrigins = ["https://example.net"];
    await using full = createSignalingServer({ observer, maxConnections: 0 });
    await using picky = createSignalingServer({ observer, allowedOrigins });
    full.attach(host.http, { path: "/full" });
    picky.attach(host.http, { path: "/picky" });
    const stranger = { ...handshake, Origin: "https://evil.example" };
    expect(await requireUpgrade(host.port, "/full", {})).toBe(426);
    expect(await requireUpgrade(host.port, "/full", handshake)).toBe(503);
    expect(await requireUpgrade(host.port, "/picky", stranger)).toBe(403);
    expect(calls).toEqual([
      ["connectionRefused", 426],
      ["connectionRefused", 503],
      ["connectionRefused", 403],
    ]);
  });
});
