import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { isConicError, type ConicError } from "@conic/domain";
import { failOnLeaks } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { connect } from "../src/index.js";
import { next, untilState, World } from "./world.js";

describe("a registered client", () => {
  failOnLeaks();

  it("has the id that it asked for, or one that the server assigned", async () => {
    await using world = await World.start();
    expect((await world.client("alice")).id).toBe("alice");
    await using anonymous = await connect(world.url);
    expect(anonymous.id).toMatch(/^[0-9a-z]{24}$/);
  });

  it("is told what is wrong before anything is registered", async () => {
    await using world = await World.start();
    await world.client("alice");
    await expect(connect("http://localhost")).rejects.toMatchObject({ code: "invalid_argument" });
    await expect(connect("nonsense")).rejects.toMatchObject({ code: "invalid_argument" });
    await expect(connect(world.url, { id: "not ok" })).rejects.toMatchObject({
      code: "invalid_id",
    });
    await expect(connect(world.url, { id: "alice" })).rejects.toMatchObject({ code: "id_taken" });
    expect(world.registered).toBe(1);
  });

  it("fails with unreachable when no server listens", async () => {
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    const error = await connect(`ws://127.0.0.1:${port}/ws`).catch((e: unknown) => e);
    expect(isConicError(error, "unreachable")).toBe(true);
  });

  it("fails with timeout when the server accepts but never answers, and with aborted on a signal", async () => {
    const silent = createServer((socket) => socket.on("error", () => undefined).resume());
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const url = `ws://127.0.0.1:${(silent.address() as AddressInfo).port}/ws`;
    await expect(connect(url, { connectTimeoutMs: 100 })).rejects.toMatchObject({
      code: "timeout",
    });
    const signal = AbortSignal.timeout(50);
    await expect(connect(url, { signal })).rejects.toMatchObject({ code: "aborted" });
    await new Promise((resolve) => silent.close(resolve));
  });

  it("registers again under the same id when the server comes back, and channels never notice", async () => {
    await using world = await World.start();
    const alice = await world.client("alice");
    const bob = await world.client("bob");
    const calling = alice.call("bob");
    const there = (await next(bob.incoming())).accept();
    const channel = (await calling).createDataChannel("chat");
    const far = await next(there.dataChannels());
    await channel.opened;
    await world.stopServer();
    await Promise.all([untilState(alice, "reconnecting"), untilState(bob, "reconnecting")]);
    channel.send("without a server");
    expect(await next(far)).toBe("without a server");
    await world.startServer();
    await Promise.all([untilState(alice, "registered"), untilState(bob, "registered")]);
    expect([alice.id, bob.id]).toEqual(["alice", "bob"]);
    expect(world.registered).toBe(2);
    channel.send("and with one");
    expect(await next(far)).toBe("and with one");
    expect(there.connectionState).toBe("connected");
  });

  it("calls a peer while the server is away: the call goes through when it is back", async () => {
    await using world = await World.start();
    const alice = await world.client("alice");
    const bob = await world.client("bob");
    await world.stopServer();
    await Promise.all([untilState(alice, "reconnecting"), untilState(bob, "reconnecting")]);
    const away = untilState(bob, "registered");
    await world.startServer();
    await away;
    const calling = alice.call("bob");
    (await next(bob.incoming())).accept();
    expect((await calling).connectionState).toBe("connected");
  });

  it("relays messages through the server, and reports those to unknown peers", async () => {
    await using world = await World.start();
    const alice = await world.client("alice");
    const bob = await world.client("bob");
    await alice.relay("bob", "note", new TextEncoder().encode("héllo"));
    const message = await next(bob.relayed());
    expect(message.from).toBe("alice");
    expect(message.label).toBe("note");
    expect(new TextDecoder().decode(message.data)).toBe("héllo");
    const fault = new Promise<ConicError>((resolve) => {
      alice.on("fault", resolve);
    });
    await alice.relay("nobody", "note", Uint8Array.of(1));
    expect((await fault).code).toBe("target_not_found");
  });

  it("frees its id at once when it closes, and is closed for good", async () => {
    await using world = await World.start();
    const alice = await world.client("alice");
    await Promise.all([alice.close(), alice.close()]);
    expect((await alice.closed).wasClean).toBe(true);
    expect(alice.state).toBe("closed");
    await expect(alice.call("bob")).rejects.toMatchObject({ code: "closed" });
    await expect(alice.relay("bob", "x", Uint8Array.of(1))).rejects.toMatchObject({
      code: "closed",
    });
    expect((await world.client("alice")).id).toBe("alice");
  });

  it("survives listeners that throw", async () => {
    await using world = await World.start();
    const alice = await world.client("alice");
    alice.on("statechange", () => {
      throw new Error("a listener of the application");
    });
    await world.stopServer();
    await untilState(alice, "reconnecting");
    await world.startServer();
    await untilState(alice, "registered");
    expect(alice.id).toBe("alice");
  });
});
