import { ConicError, Frame, type CloseInfo } from "@conic/domain";
import { encodeMessage } from "@conic/protocol";
import { failOnLeaks, FakeClock } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { createSignalingServer, type SignalingServerOptions } from "../../src/index.js";
import { mayReturn } from "../../src/resume/leaving.js";
import { Mailbox, maxForgottenSenders } from "../../src/resume/mailbox.js";
import { ids, type TestClient } from "../support/client.js";
import { memoryWorld } from "../support/host.js";

failOnLeaks();

const turn = (): Promise<void> => new Promise(setImmediate);

function frame(from: string, text: string): Frame {
  const ID = from as typeof ids.alice;
  return encodeMessage({
    type: "candidate",
    id: text,
    body: { ID, TargetID: ids.bob, Candidate: text },
  });
}

/** Alice, and bob who has broken off. */
async function away(options: SignalingServerOptions, test: (alice: TestClient) => Promise<void>) {
  await using world = await memoryWorld({ clock: new FakeClock(), ...options });
  await using alice = await world.connect();
  const bob = await world.connect();
  await alice.register({ ID: "alice" });
  await bob.register({ ID: "bob", Received: 0 });
  bob.send("ack", { Received: 0 });
  await turn();
  bob.connection.abort(new ConicError("aborted", "gone"));
  await turn();
  await test(alice);
}

function send(alice: TestClient, id: string): void {
  alice.send("candidate", { ID: "alice", TargetID: "bob", Candidate: id }, id);
}

async function refused(alice: TestClient): Promise<(string | undefined)[]> {
  const refusals = await alice.roundTrip();
  for (const { body } of refusals) expect(body).toMatchObject({ Code: "target_not_found" });
  return refusals.map(({ id }) => id);
}

describe("what waits for a client that is away", () => {
  it.each([{}, { maxResumeMessages: 3 }])(
    "is bounded in messages, %o: at one more, its session is given up and every sender is told",
    async (options) => {
      const { maxResumeMessages: limit = 256 } = options;
      await away(options, async (alice) => {
        for (let i = 0; i < limit; i += 1) send(alice, String(i));
        expect(await refused(alice)).toEqual([]);
        send(alice, "one more");
        const all = [...Array.from({ length: limit }, (_, i) => String(i)), "one more"];
        expect(await refused(alice)).toEqual(all);
        send(alice, "later");
        expect(await refused(alice)).toEqual(["later"]);
      });
    },
  );

  it("is bounded in bytes, which are 256 KiB by default", async () => {
    const { byteLength } = frame("alice", "0");
    await away({ maxResumeBytes: byteLength * 2 }, async (alice) => {
      send(alice, "0");
      send(alice, "1");
      expect(await refused(alice)).toEqual([]);
      send(alice, "2");
      expect(await refused(alice)).toEqual(["0", "1", "2"]);
    });
    await away({ maxResumeBytes: byteLength * 2 - 1 }, async (alice) => {
      send(alice, "0");
      send(alice, "1");
      expect(await refused(alice)).toEqual(["0", "1"]);
    });
  });

  it.each([
    { resumeTtlMs: -1 },
    { resumeTtlMs: 0.5 },
    { resumeTtlMs: 2_147_483_648 },
    { maxResumeMessages: 0 },
    { maxResumeBytes: 0 },
    { maxResumeBytes: Number.NaN },
  ])("cannot be bounded by %o", (options) => {
    expect(() => createSignalingServer(options)).toThrow(
      expect.objectContaining({ code: "invalid_argument" }) as Error,
    );
  });
});

describe("what a client does not acknowledge", () => {
  const limits = { maxResumeMessages: 2, maxResumeBytes: 1_000_000 };

  it("is kept up to twice the bound; of more, the oldest are forgotten, but not who sent them", () => {
    const mailbox = new Mailbox(limits);
    for (let i = 1; i <= 5; i += 1) mailbox.sent(frame(i === 1 ? "alice" : "carol", String(i)));
    expect([mailbox.canResume(0), mailbox.canResume(1)]).toEqual([false, true]);
    expect(mailbox.end()).toMatchObject({ senders: ["alice"], frames: { length: 4 } });
  });

  it("is nobody's concern any more once it is acknowledged", () => {
    const mailbox = new Mailbox(limits);
    for (let i = 1; i <= 6; i += 1) mailbox.sent(frame("alice", String(i)));
    expect(mailbox.acknowledge(2)).toBe(true);
    expect(mailbox.end()).toMatchObject({ senders: [], frames: { length: 4 } });
  });

  it("is bounded in bytes as well, but for the last frame", () => {
    const mailbox = new Mailbox({ maxResumeMessages: 100, maxResumeBytes: 1 });
    mailbox.sent(frame("alice", "1"));
    expect(mailbox.canResume(0)).toBe(true);
    mailbox.sent(frame("alice", "2"));
    expect([mailbox.canResume(0), mailbox.canResume(1)]).toEqual([false, true]);
  });

  it("ends the connection when its senders are more than anybody keeps track of", () => {
    const mailbox = new Mailbox({ maxResumeMessages: 1, maxResumeBytes: 1_000_000 });
    for (let i = 0; i < maxForgottenSenders + 2; i += 1) {
      expect(mailbox.sent(frame(`c${i}`, "x"))).toBe(true);
    }
    expect(mailbox.sent(frame("one-more", "x"))).toBe(false);
  });

  it("does not hold the read of the network that it came in with", () => {
    const read = new Uint8Array(65_536);
    const { bytes } = frame("alice", "1");
    read.set(bytes);
    const mailbox = new Mailbox(limits);
    mailbox.sent(Frame.fromBytes(read.subarray(0, bytes.byteLength)));
    expect(mailbox.end().frames[0]?.bytes.buffer.byteLength).toBe(bytes.byteLength);
  });
});

describe("a client that reads and never acknowledges", () => {
  it("is served on; when it breaks off and cannot resume, the senders are told", async () => {
    await using world = await memoryWorld({ clock: new FakeClock(), maxResumeMessages: 2 });
    await using alice = await world.connect();
    const bob = await world.connect();
    await alice.register({ ID: "alice" });
    const { Resume } = await bob.register({ ID: "bob", Received: 0 });
    bob.send("ack", { Received: 0 });
    await turn();
    for (let i = 0; i < 10; i += 1) send(alice, String(i));
    for (let i = 0; i < 10; i += 1) await bob.expect("candidate");
    expect(await refused(alice)).toEqual([]);
    bob.connection.abort(new ConicError("aborted", "gone"));
    await turn();
    await using back = await world.connect();
    const answer = await back.register({ ID: "bob", Resume, Received: 3 });
    expect(answer).toMatchObject({ Resumed: false });
    // One for those that were forgotten, and one for each that was not.
    expect(await refused(alice)).toEqual([undefined, "6", "7", "8", "9"]);
  });
});

describe("whether a client may return", () => {
  const lost = new ConicError("closed", "lost");
  const ends: readonly (readonly [string, CloseInfo, boolean])[] = [
    ["a goodbye", { code: 1000, reason: "", wasClean: true }, false],
    ["a page that is left", { code: 1001, reason: "", wasClean: true }, false],
    ["a close without a code", { code: 1005, reason: "", wasClean: true }, false],
    ["a close with a code of its own", { code: 4000, reason: "", wasClean: true }, true],
    ["a lost connection", { code: 1006, reason: "", wasClean: false, error: lost }, true],
    [
      "no pong",
      { code: 4003, reason: "", wasClean: false, error: new ConicError("ping_timeout", "") },
      true,
    ],
    [
      "not reading",
      { code: 4001, reason: "", wasClean: false, error: new ConicError("slow_consumer", "") },
      false,
    ],
    [
      "too much at once",
      { code: 1009, reason: "", wasClean: false, error: new ConicError("too_large", "") },
      false,
    ],
    [
      "a binary frame",
      { code: 1003, reason: "", wasClean: false, error: new ConicError("unsupported_data", "") },
      false,
    ],
  ];
  it.each(ends)("after %s", (_name, info, returns) => {
    expect(mayReturn(info)).toBe(returns);
  });
});
