import { collect, failOnLeaks } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { next, World } from "./world.js";

failOnLeaks();

describe("a server that limits its clients", () => {
  it("gets what it refused once more, in order: a call comes about all the same", async () => {
    await using world = await World.start({ maxMessagesPerSecond: 20, maxMessageBurst: 3 });
    const alice = await world.client("alice");
    const bob = await world.client("bob");
    const faults: unknown[] = [];
    for (const client of [alice, bob]) client.on("fault", (error) => faults.push(error));
    const calling = alice.call("bob");
    (await next(bob.incoming())).accept();
    expect((await calling).connectionState).toBe("connected");
    expect(world.errorsSent["rate_limited"]).toBeGreaterThan(0);
    expect(faults).toEqual([]);
  });

  it("hands on each message once, in order, whatever it refused on the way", async () => {
    await using world = await World.start({ maxMessagesPerSecond: 200, maxMessageBurst: 20 });
    const alice = await world.client("alice");
    const bob = await world.client("bob");
    const texts = Array.from({ length: 150 }, (_, i) => String(i));
    const heard = collect(bob.relayed(), texts.length);
    await Promise.all(texts.map((text) => alice.relay("bob", "n", Buffer.from(text))));
    expect((await heard).map(({ data }) => Buffer.from(data).toString())).toEqual(texts);
    expect(world.errorsSent["rate_limited"]).toBeGreaterThan(0);
  });

  it("and says that no room is free is not asked again", async () => {
    await using world = await World.start({ maxRoomMembers: 1 });
    const alice = await world.client("alice");
    const bob = await world.client("bob");
    await alice.room("lobby");
    await expect(bob.room("lobby")).rejects.toMatchObject({ code: "rate_limited" });
    expect(world.errorsSent).toEqual({ rate_limited: 1 });
  });
});
