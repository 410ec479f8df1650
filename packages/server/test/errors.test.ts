import { describe, expect, it } from "vitest";
import { offer } from "./support/client.js";
import { worlds } from "./support/host.js";
import { failOnLeaks } from "@conic/internal-testing";

failOnLeaks();

const relayed: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ["sdp", { SessionDescription: offer }],
  ["candidate", { Candidate: "candidate:1 1 udp 1 192.0.2.1 1 typ host" }],
  ["data_channel", { Label: "chat", Data: "aGk=" }],
];

describe.each(worlds)("every refusal of the protocol, %s", (_name, createWorld) => {
  it.each(relayed)("%s before registering: not_registered", async (type, body) => {
    await using world = await createWorld();
    await using alice = await world.connect();
    alice.send(type, { TargetID: "bob", ...body });
    expect(await alice.refusal()).toBe("not_registered");
  });

  it.each(relayed)("%s to nobody: target_not_found with TargetID", async (type, body) => {
    await using world = await createWorld();
    await using alice = await world.connect();
    await alice.register();
    alice.send(type, { TargetID: "bob", ...body }, "c-1");
    const error = await alice.expect("error");
    expect(error).toMatchObject({
      id: "c-1",
      body: { Code: "target_not_found", TargetID: "bob" },
    });
  });

  it.each(relayed)("%s in another's name: forbidden, and not forwarded", async (type, body) => {
    await using world = await createWorld();
    await using mallory = await world.connect();
    await using bob = await world.connect();
    await using carol = await world.connect();
    await mallory.register({ ID: "mallory" });
    await bob.register({ ID: "bob" });
    await carol.register({ ID: "carol" });
    mallory.send(type, { ID: "carol", TargetID: "bob", ...body });
    expect(await mallory.refusal()).toBe("forbidden");
    expect(await bob.roundTrip()).toEqual([]);
  });

  it("unregister before registering: not_registered", async () => {
    await using world = await createWorld();
    await using alice = await world.connect();
    alice.send("unregister", { ID: "alice" });
    expect(await alice.refusal()).toBe("not_registered");
  });

  it("register twice: already_registered, and the first id stays", async () => {
    await using world = await createWorld();
    await using alice = await world.connect();
    await alice.register({ ID: "alice" });
    alice.send("register", { ID: "alice" });
    expect(await alice.refusal()).toBe("already_registered");
    alice.send("register", { ID: "bob" });
    expect(await alice.refusal()).toBe("already_registered");
    alice.send("candidate", { TargetID: "alice", Candidate: "" });
    expect((await alice.expect("candidate")).body.ID).toBe("alice");
    expect(world.server.stats().registered).toBe(1);
  });

  it("an id that another connection holds: id_taken, and the holder keeps it", async () => {
    await using world = await createWorld();
    await using alice = await world.connect();
    await using impostor = await world.connect();
    await alice.register({ ID: "alice" });
    impostor.send("register", { ID: "alice" });
    expect(await impostor.refusal()).toBe("id_taken");
    alice.send("candidate", { TargetID: "alice", Candidate: "mine" });
    expect((await alice.expect("candidate")).body.Candidate).toBe("mine");
    expect((await impostor.register({ ID: "other" })).ID).toBe("other");
  });

  it.each([
    ["an empty id", "", "invalid_id"],
    ["an id of 65 characters", "a".repeat(65), "invalid_id"],
    ["an id with a space", "a b", "invalid_id"],
    ["an id that is a number", 7, "invalid_message"],
  ])("%s: %s is refused with %s", async (_what, id, code) => {
    await using world = await createWorld();
    await using alice = await world.connect();
    alice.send("register", { ID: id });
    expect(await alice.refusal()).toBe(code);
    expect((await alice.register({ ID: "a".repeat(64) })).ID).toBe("a".repeat(64));
  });

  it.each([
    ["no JSON", "hello", "invalid_message"],
    ["null", "null", "invalid_message"],
    ["an array", "[]", "invalid_message"],
    ["no type", "{}", "invalid_message"],
    ["an empty frame", "", "invalid_message"],
    ["an unknown type", '{"type":"shout"}', "unsupported_type"],
    ["a type of the server", '{"type":"register_response"}', "unsupported_type"],
    ["a prototype's name", '{"type":"constructor"}', "unsupported_type"],
    ["raw as an object", '{"type":"sdp","raw":{}}', "invalid_message"],
    ["raw that is no JSON", '{"type":"sdp","raw":"{...}"}', "invalid_message"],
    ["two types", '{"type":"register","type":"sdp"}', "invalid_message"],
  ])("%s: an error, and the connection lives on", async (_what, text, code) => {
    await using world = await createWorld();
    await using alice = await world.connect();
    alice.sendText(text);
    expect(await alice.refusal()).toBe(code);
    await alice.register({ ID: "alice" });
    expect(world.server.stats().errorsSent).toEqual({ [code]: 1 });
  });
});
