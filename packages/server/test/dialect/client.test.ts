import { once } from "node:events";
import { ConicError, Frame } from "@conic/domain";
import { failOnLeaks } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { AuthenticateRequest, Grant } from "../../src/index.js";
import { offer } from "../support/client.js";
import { customHub } from "../support/hubs.js";
import { answerer, offerer, recorded } from "./go-client.js";
import { start } from "./world.js";

failOnLeaks();

function authenticate({ token }: AuthenticateRequest): void {
  if (token !== "open sesame") throw new ConicError("unauthorized", "the token is wrong");
}

describe("a client of the Go dialect", () => {
  it("is given an id when it asks for none", async () => {
    await using world = await start();
    await using go = await world.go();
    go.send(recorded("register_request without client_id"));
    const { id, data } = await go.next();
    expect(id).toBe("d3p0c8s6n88rs9qvdt2g");
    expect(data).toEqual({
      client_id: expect.stringMatching(/^[0-9a-z]{24}$/) as string,
      success: true,
    });
  });

  it("is told the truth about an id that is taken, whoever has it", async () => {
    await using world = await start();
    await using v1 = await world.v1();
    await using first = await world.go();
    await using second = await world.go();
    await v1.register({ ID: answerer });
    await first.register(offerer);
    for (const id of [offerer, answerer]) {
      const { type, data } = await second.register(id);
      expect(type).toBe("register_response");
      expect(data).toMatchObject({ client_id: id, success: false, code: "id_taken" });
    }
    await using late = await world.v1();
    late.send("register", { ID: offerer });
    expect(await late.refusal()).toBe("id_taken");
    expect((await second.register("another")).data).toEqual({
      client_id: "another",
      success: true,
    });
  });

  it.each([
    ["an id out of the grammar", { client_id: "not ok" }, "invalid_id"],
    ["what is no id", { client_id: 7 }, "invalid_message"],
  ])("is told that %s cannot be registered", async (_name, data, code) => {
    await using world = await start();
    await using go = await world.go();
    go.say("register_request", data, "r-1");
    const { id, type, data: answer } = await go.next();
    expect([id, type]).toEqual(["r-1", "register_response"]);
    expect(answer).toMatchObject({ success: false, code });
  });

  it("unregisters, which the original cannot, and registers again", async () => {
    await using world = await start();
    await using go = await world.go();
    await using v1 = await world.v1();
    await v1.register({ ID: "bob" });
    await go.register(offerer);
    go.say("unregister_request", { client_id: "somebody" });
    expect(await go.next()).toMatchObject({
      type: "unregister_response",
      data: { client_id: "somebody", success: false, code: "forbidden" },
    });
    go.send(recorded("unregister_request"));
    expect((await go.next()).data).toEqual({ client_id: offerer, success: true });
    expect(world.server.stats().registered).toBe(1);
    v1.send("candidate", { TargetID: offerer, Candidate: "" });
    expect(await v1.refusal()).toBe("target_not_found");
    go.send(recorded("unregister_request without client_id"));
    expect((await go.next()).data).toMatchObject({ success: false, code: "not_registered" });
    expect((await go.register(offerer)).data).toEqual({ client_id: offerer, success: true });
  });

  it("is told of errors in messages that it can read and need not know", async () => {
    await using world = await start();
    await using go = await world.go();
    go.send(recorded("sdp offer"));
    expect(await go.next()).toMatchObject({ type: "error", data: { code: "not_registered" } });
    await go.register(offerer);
    go.send(recorded("sdp offer"));
    expect(await go.next()).toMatchObject({
      id: "d3p0cgk6n88rs9qvdt3g",
      type: "error",
      data: { code: "target_not_found", target_id: answerer },
    });
    go.send(recorded("candidate without a target"));
    expect(await go.next()).toMatchObject({ type: "error", data: { code: "invalid_id" } });
    for (const text of ["not json", '{"type":"register"}', '{"type":"sdp","raw":"{}","data":{}}']) {
      go.send(text);
      expect((await go.next()).type).toBe("error");
    }
    expect((await go.register("again")).data).toMatchObject({ code: "already_registered" });
  });

  it("cannot speak for others, of either dialect", async () => {
    await using world = await start();
    await using mallory = await world.go();
    await using go = await world.go();
    await using v1 = await world.v1();
    await mallory.register("mallory");
    await go.register(answerer);
    await v1.register({ ID: "bob" });
    for (const to_id of [answerer, "bob"]) {
      mallory.say("candidate", { from_id: offerer, to_id, candidate: { candidate: "" } });
      expect((await mallory.next()).data).toMatchObject({ code: "forbidden" });
    }
    mallory.send(recorded("sdp offer"));
    expect((await mallory.next()).data).toMatchObject({ code: "forbidden" });
    expect(await v1.roundTrip()).toEqual([]);
    go.say("teleport", {});
    expect((await go.next()).data).toMatchObject({ code: "unsupported_type" });
  });

  it("shows a token where one is needed", async () => {
    await using world = await start({ authenticate });
    await using refused = await world.go();
    expect((await refused.register(offerer)).data).toMatchObject({
      client_id: offerer,
      success: false,
      code: "unauthorized",
    });
    await using go = await world.go();
    go.say("register_request", { client_id: offerer, token: "open sesame" });
    expect((await go.next()).data).toEqual({ client_id: offerer, success: true });
  });

  it("is told that its token has expired: an error, which answers nothing", async () => {
    await using world = await start({
      authenticate: (): Grant => ({ expiresAt: Date.now() + 1_000 }),
    });
    await using go = await world.go();
    go.say("register_request", { client_id: offerer }, "");
    expect((await go.next()).data).toEqual({ client_id: offerer, success: true });
    expect(await go.next()).toMatchObject({
      id: "",
      type: "error",
      data: { code: "unauthorized" },
    });
  });

  it("is not told what it did not ask for: ICE servers and secrets, which it would log", async () => {
    const iceServers = [{ urls: "turn:t.example", username: "u", credential: "c" }];
    await using world = await start({ iceServers });
    await using go = await world.go();
    expect((await go.register(offerer)).data).toEqual({ client_id: offerer, success: true });
  });

  it("gives its id back when it goes", async () => {
    await using world = await start();
    await using v1 = await world.v1();
    await v1.register({ ID: "bob" });
    {
      await using go = await world.go();
      await go.register(offerer);
    }
    v1.send("candidate", { TargetID: offerer, Candidate: "" });
    expect(await v1.refusal()).toBe("target_not_found");
  });
});

describe("the dialect of a connection", () => {
  it("is conic.v1 for whoever negotiated it, whatever the first frame", async () => {
    await using world = await start();
    await using v1 = await world.v1(["conic.v1"]);
    v1.sendText(recorded("register_request"));
    expect(await v1.refusal()).toBe("unsupported_type");
    await v1.register({ ID: "alice" });
  });

  it("does not change after the first frame", async () => {
    await using world = await start();
    await using v1 = await world.v1();
    v1.sendText("not json");
    expect(await v1.refusal()).toBe("invalid_message");
    v1.sendText(recorded("register_request"));
    expect(await v1.refusal()).toBe("unsupported_type");
    await using go = await world.go();
    await go.register(offerer);
    go.send(JSON.stringify({ type: "sdp", raw: JSON.stringify({ SessionDescription: offer }) }));
    expect(await go.next()).toMatchObject({ type: "error", data: { code: "invalid_message" } });
  });

  it("is conic.v1 for what is closed before any frame", async () => {
    await using world = await start({ registerTimeoutMs: 50 });
    const socket = new WebSocket(world.url);
    const [code] = (await once(socket, "close")) as [number];
    expect(code).toBe(4002);
  });
});

describe("a frame that an embedder puts into the hub", () => {
  it("reaches a client of the Go dialect as it is, unless it is a message of conic.v1", async () => {
    const hub = customHub(() => ({}));
    await using world = await start({ hub });
    await using go = await world.go();
    await using v1 = await world.v1();
    await go.register(offerer);
    await v1.register({ ID: "bob" });
    await hub.broadcast(
      Frame.fromText('{"type":"peer_joined","raw":"{\\"Room\\":\\"r\\",\\"ID\\":\\"x\\"}"}'),
    );
    await hub.broadcast(Frame.fromText('{"hello":1}'));
    expect(await go.hear()).toBe('{"hello":1}');
    expect((await v1.expect("peer_joined")).body.ID).toBe("x");
    expect((await v1.nextFrame()).text).toBe('{"hello":1}');
    await hub.drain();
  });
});
