import { parseClientId } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { createTurnMinter, turnCredentials } from "../../src/access/turn.js";
import { createSignalingServer, type TurnOptions } from "../../src/index.js";
import { ids } from "../support/client.js";
import { memoryWorld } from "../support/host.js";

const turn: TurnOptions = { urls: ["turn:turn.example.net:3478"], secret: "north" };
const now = (): number => 1_800_000_000_000;
const refused = expect.objectContaining({ code: "invalid_argument" }) as Error;

describe("S18 TURN credentials", () => {
  it("are the HMAC-SHA1 of expiry and id", () => {
    // printf 1800000000:alice | openssl dgst -sha1 -hmac north -binary | base64
    expect(turnCredentials("north", ids.alice, 1_800_000_000_999)).toEqual({
      username: "1800000000:alice",
      credential: "sIm7pn/teO7y3AyXGeXl/xAQR6Q=",
    });
  });

  it("are good for an hour, or as long as is asked for, or as the grant is", () => {
    const hour = createTurnMinter(turn, now);
    expect(hour(ids.alice).username).toBe("1800003600:alice");
    expect(hour(ids.alice, 1_800_000_007_000).username).toBe("1800000007:alice");
    expect(hour(ids.alice, 1_900_000_000_000).username).toBe("1800003600:alice");
    expect(createTurnMinter({ ...turn, ttlS: 60 }, now)(ids.alice).username).toBe(
      "1800000060:alice",
    );
  });

  it.each([
    ["turn:h"],
    ["turn:h:1?transport=udp"],
    ["turns:turn.example.net:5349?transport=tcp"],
    ["turn:[2001:db8::1]:3478"],
  ])("are for %s", (url) => {
    expect(createTurnMinter({ ...turn, urls: [url] }, () => 0)(ids.bob).urls).toEqual([url]);
  });

  it.each<Partial<TurnOptions>>([
    { urls: [] },
    { urls: ["stun:h"] },
    { urls: ["turn:h", "turn:user:password@h"] },
    { urls: ["turn://h"] },
    { urls: ["turn:h?transport=sctp"] },
    { urls: [""] },
    { secret: "" },
    { ttlS: 59 },
    { ttlS: 86_401 },
    { ttlS: 60.5 },
  ])("are not made with %j", (options) => {
    expect(() => createSignalingServer({ turn: { ...turn, ...options } })).toThrow(refused);
  });

  it("a password in a URL is not repeated in the error", () => {
    const urls = ["turn:user:hunter2@h"];
    expect(() => createSignalingServer({ turn: { ...turn, urls } })).toThrow(
      expect.objectContaining({
        message: expect.not.stringContaining("hunter2") as string,
      }) as Error,
    );
  });

  it("count when it is seen to that a register_response fits in a frame", () => {
    const urls = Array.from({ length: 20 }, (_, i) => `turn:turn-${i}.example.net:3478`);
    const limits = { maxFrameBytes: 1024 };
    expect(() => createSignalingServer({ limits })).not.toThrow();
    expect(() => createSignalingServer({ limits, turn: { ...turn, urls } })).toThrow(refused);
  });

  it("are made anew for whoever registers once more, where no token is asked for", async () => {
    await using world = await memoryWorld({ turn });
    await using alice = await world.connect();
    const first = await alice.register({ ID: "alice", Received: 0 });
    alice.send("register", { Received: 0 }, "renew");
    const { id, body } = await alice.expect("register_response");
    expect([id, body.ID, body.Resume, body.ICEServers[0]?.urls]).toEqual([
      "renew",
      "alice",
      first.Resume,
      turn.urls,
    ]);
    alice.send("register", { ID: "bob" });
    expect(await alice.refusal()).toBe("already_registered");
    expect(world.server.stats().registered).toBe(1);
  });

  it("are the only reason for that: without them, one registration is all", async () => {
    await using world = await memoryWorld();
    await using alice = await world.connect();
    await alice.register({ ID: "alice" });
    alice.send("register", { ID: "alice", Token: "any" });
    expect(await alice.refusal()).toBe("already_registered");
  });

  it("do not confuse ids that hold colons", () => {
    const odd = parseClientId("1:alice");
    expect(turnCredentials("s", odd, 5000)).not.toEqual(turnCredentials("s", ids.alice, 5000));
  });
});
