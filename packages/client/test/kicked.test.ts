import type { ConicError } from "@conic/domain";
import { failOnLeaks, openTcpProxy } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { connect } from "../src/index.js";
import { next, untilState, World } from "./world.js";

failOnLeaks();

describe("a client that the server ends", () => {
  it("ends with what the server said, and does not come back by itself", async () => {
    await using world = await World.start();
    const alice = await world.client("alice");
    const faults: ConicError[] = [];
    alice.on("fault", (error) => faults.push(error));
    expect(world.kick("alice")).toBe(true);
    const { wasClean, error } = await alice.closed;
    expect([wasClean, error?.code, alice.state]).toEqual([false, "kicked", "closed"]);
    expect(error?.message).toMatch(/has ended this client/);
    expect(faults.map(({ code }) => code)).toEqual(["kicked"]);
    await expect(alice.call("bob")).rejects.toMatchObject({ code: "closed" });
    // The id is free for somebody else at once.
    const heir = await world.client("alice");
    expect([heir.state, world.registered]).toEqual(["registered", 1]);
  });

  it("while it is away ends when it is back", async () => {
    await using world = await World.start();
    await using proxy = await openTcpProxy(Number(new URL(world.url).port));
    const backoff = { initialMs: 200, maxMs: 200 };
    await using alice = await connect(`ws://127.0.0.1:${proxy.port}/ws`, { id: "alice", backoff });
    // The server has read all that came before, such as that the secret is known.
    await alice.relay("alice", "self", new Uint8Array());
    await next(alice.relayed());
    const away = untilState(alice, "reconnecting");
    proxy.cut();
    await away;
    expect(world.kick("alice")).toBe(true);
    expect((await alice.closed).error?.code).toBe("kicked");
    expect(world.registered).toBe(0);
  });
});
