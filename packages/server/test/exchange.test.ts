import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ids, offer } from "./support/client.js";
import { worlds } from "./support/host.js";
import { failOnLeaks } from "@conic/internal-testing";

failOnLeaks();

interface Vectors {
  readonly vectors: readonly { readonly name: string; readonly frame: string }[];
}

const documented = JSON.parse(
  readFileSync(new URL("../../protocol/vectors/documented.json", import.meta.url), "utf8"),
) as Vectors;

function example(name: string): string {
  const found = documented.vectors.find((vector) => vector.name === name);
  if (found === undefined) throw new Error(`there is no documented example ${name}`);
  return found.frame;
}

describe.each(worlds)("the documented exchange, %s", (_name, createWorld) => {
  it("registers, forwards each documented message byte for byte, and unregisters", async () => {
    await using world = await createWorld();
    await using sender = await world.connect();
    await using receiver = await world.connect();
    await sender.register({ ID: "sender-id" });
    await receiver.register({ ID: "receiver-id" });
    const relayed = ["sdp with the placeholder filled in", "candidate", "data_channel"].map(
      example,
    );
    for (const text of relayed) sender.sendText(text);
    for (const text of relayed) expect((await receiver.nextFrame()).text).toBe(text);
    sender.send("unregister", { ID: "sender-id" });
    expect((await sender.expect("unregister_response")).body).toEqual({ ID: "sender-id" });
    expect(world.server.stats().errorsSent).toEqual({});
  });

  it("assigns an id of 120 random bits to a register without raw", async () => {
    await using world = await createWorld();
    await using a = await world.connect();
    await using b = await world.connect();
    a.sendText(example("register"));
    const first = (await a.expect("register_response")).body;
    const second = await b.register();
    expect(first.ID).toMatch(/^[0-9a-z]{24}$/);
    expect(second.ID).not.toBe(first.ID);
  });

  it("answers the unregister of the documents, for an id that is not the caller's, with forbidden", async () => {
    await using world = await createWorld();
    await using alice = await world.connect();
    await alice.register({ ID: "alice" });
    alice.sendText(example("unregister"));
    expect(await alice.refusal()).toBe("forbidden");
    expect(world.server.stats().registered).toBe(1);
  });

  it("hands out ICE servers and a resume secret", async () => {
    const iceServers = [{ urls: "turn:t.example", username: "u", credential: "c" }];
    await using world = await createWorld({ iceServers });
    await using alice = await world.connect();
    const body = await alice.register({ ID: "alice" });
    expect(body).toMatchObject({ ID: "alice", ICEServers: iceServers });
    // Base64url of at least 128 bits.
    expect(body.Resume).toMatch(/^[A-Za-z0-9_-]{22,}$/);
  });

  it("carries the correlation id in every reply and error", async () => {
    await using world = await createWorld();
    await using alice = await world.connect();
    alice.send("register", { ID: "alice" }, "1");
    expect((await alice.expect("register_response")).id).toBe("1");
    alice.send("sdp", { TargetID: "bob", SessionDescription: offer }, "2");
    const error = await alice.expect("error");
    expect(error.id).toBe("2");
    expect(error.body).toMatchObject({ Code: "target_not_found", TargetID: "bob" });
    alice.send("unregister", {}, "3");
    expect((await alice.expect("unregister_response")).id).toBe("3");
  });

  it("stamps a missing ID and leaves the rest of the frame as it was", async () => {
    await using world = await createWorld();
    await using alice = await world.connect();
    await using bob = await world.connect();
    await alice.register({ ID: "alice" });
    await bob.register({ ID: "bob" });
    alice.send("candidate", { TargetID: "bob", Candidate: "", extra: 1 }, "7");
    const frame = await bob.nextFrame();
    const envelope = JSON.parse(frame.text) as { id: string; raw: string };
    expect(envelope.id).toBe("7");
    expect(JSON.parse(envelope.raw)).toEqual({
      ID: "alice",
      TargetID: "bob",
      Candidate: "",
      extra: 1,
    });
  });

  it("delivers to oneself", async () => {
    await using world = await createWorld();
    await using alice = await world.connect();
    await alice.register({ ID: "alice" });
    alice.send("data_channel", { TargetID: "alice", Label: "l", Data: "AA==" });
    expect((await alice.expect("data_channel")).body.ID).toBe(ids.alice);
  });

  it("keeps the socket after unregister: messages are refused, registering again works", async () => {
    await using world = await createWorld();
    await using alice = await world.connect();
    await using bob = await world.connect();
    await alice.register({ ID: "alice" });
    await bob.register({ ID: "bob" });
    alice.send("unregister");
    await alice.expect("unregister_response");
    alice.send("sdp", { TargetID: "bob", SessionDescription: offer });
    expect(await alice.refusal()).toBe("not_registered");
    bob.send("candidate", { TargetID: "alice", Candidate: "" });
    expect(await bob.refusal()).toBe("target_not_found");
    expect((await alice.register({ ID: "alice-2" })).ID).toBe("alice-2");
    alice.send("candidate", { TargetID: "bob", Candidate: "" });
    expect((await bob.expect("candidate")).body.ID).toBe("alice-2");
  });

  it("frees the id for others at once", async () => {
    await using world = await createWorld();
    await using first = await world.connect();
    await using second = await world.connect();
    await first.register({ ID: "alice" });
    first.send("unregister", { ID: "alice" });
    await first.expect("unregister_response");
    expect((await second.register({ ID: "alice" })).ID).toBe("alice");
  });
});
