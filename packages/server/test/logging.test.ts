import { ConicError } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { memoryWorld } from "./support/host.js";
import { failOnLeaks } from "@conic/internal-testing";
import { recorder } from "./support/recorder.js";

failOnLeaks();

describe("S22 the log", () => {
  it("says who came and went, and at no level what they said", async () => {
    const { entries, logger } = recorder();
    await using world = await memoryWorld({
      logger,
      authenticate: ({ token }) => {
        if (token === "tok3n-bad") throw new ConicError("unauthorized", "wrong token");
      },
    });
    await using alice = await world.connect();
    await using bob = await world.connect();
    const { Resume } = await alice.register({ ID: "alice", Token: "tok3n-good" });
    await bob.register({ ID: "bob" });
    const sdp = "v=0\r\nc=IN IP4 203.0.113.9\r\n";
    alice.send("sdp", { TargetID: "bob", SessionDescription: { type: "offer", sdp } });
    alice.send("candidate", {
      TargetID: "bob",
      Candidate: "candidate:1 1 udp 1 203.0.113.9 9 typ host",
    });
    alice.send("data_channel", { TargetID: "bob", Label: "s3cret-label", Data: "czNjcmV0" });
    alice.send("sdp", { ID: "carol", TargetID: "bob", SessionDescription: { type: "offer", sdp } });
    alice.send("shout s3cret-label", { TargetID: "bob" });
    alice.sendText("garbage s3cret-label");
    expect(await alice.roundTrip()).toHaveLength(3);
    await using mallory = await world.connect();
    mallory.send("register", { ID: "m", Token: "tok3n-bad", Resume });
    await mallory.closed;
    await alice.connection.close();

    const all = entries.map(({ message, text }) => `${message} ${text}`).join("\n");
    for (const secret of [
      "203.0.113.9",
      "s3cret-label",
      "czNjcmV0",
      "tok3n",
      Resume ?? "?",
      "v=0",
    ]) {
      expect(all).not.toContain(secret);
    }
    const info = entries.filter(({ level }) => level === "info").map(({ message }) => message);
    expect(info).toEqual(["registered", "registered", "unregistered"]);
    // Who it was is told at `debug` alone.
    const named = entries.filter(({ text }) => /alice|bob|carol|"m"/.test(text));
    expect(new Set(named.map(({ level }) => level))).toEqual(new Set(["debug"]));
    expect(entries.filter(({ level }) => level === "error")).toEqual([]);
    expect(
      entries.some(({ level, text }) => level === "debug" && text.includes('"sdpChars"')),
    ).toBe(true);
  });

  it("is not asked to write what it would not: no message is read for it", async () => {
    const { entries, logger } = recorder();
    await using world = await memoryWorld({
      logger: { ...logger, isLevelEnabled: (level) => level !== "debug" },
    });
    await using alice = await world.connect();
    await alice.register({ ID: "alice" });
    alice.send("candidate", { TargetID: "alice", Candidate: "c" });
    expect(await alice.roundTrip()).toHaveLength(1);
    expect(entries.filter(({ message }) => message === "message")).toEqual([]);
    expect(entries.some(({ level }) => level === "info")).toBe(true);
  });

  it("names each message by its connection and a number, also one that is refused", async () => {
    const { entries, logger } = recorder();
    await using world = await memoryWorld({ logger });
    await using alice = await world.connect();
    await using bob = await world.connect();
    await alice.register({ ID: "alice" });
    await bob.register({ ID: "bob" });
    alice.sendText("garbage");
    alice.send("candidate", { TargetID: "nobody", Candidate: "" });
    await alice.roundTrip();
    const named = entries.flatMap(({ text }) => {
      const { connection, request } = JSON.parse(text) as Record<string, unknown>;
      return request === undefined ? [] : [[connection, request]];
    });
    const [[first] = [], [second] = []] = named;
    expect(first).not.toBe(second);
    expect(named).toEqual([
      [first, `${String(first)}.1`],
      [second, `${String(second)}.1`],
      [first, `${String(first)}.2`],
      // When it came, and when it could not be delivered.
      [first, `${String(first)}.3`],
      [first, `${String(first)}.3`],
      [first, `${String(first)}.4`],
    ]);
  });

  it("has the cause of an internal error, for the operator", async () => {
    const { entries, logger } = recorder();
    await using world = await memoryWorld({
      logger,
      authenticate: () => {
        throw new Error("the database is gone");
      },
    });
    await using alice = await world.connect();
    alice.send("register");
    await alice.closed;
    expect(entries.filter(({ level }) => level === "error")).toHaveLength(1);
  });
});
