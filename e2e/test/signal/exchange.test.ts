import { describe, expect, it } from "vitest";
import { PlainClient } from "../../src/client.js";
import { root, startProcess } from "../../src/process.js";
import { startSignalServer } from "../../src/signal-server.js";
import path from "node:path";

const offer = { type: "offer", sdp: "v=0\r\no=- 1 1 IN IP4 203.0.113.9\r\n" };

describe("two plain WebSocket clients", () => {
  it("exchange every documented message, byte for byte", async () => {
    await using server = await startSignalServer();
    await using alice = await PlainClient.open(server.url);
    await using bob = await PlainClient.open(server.url, ["conic.v1"]);
    expect([alice.protocol, bob.protocol]).toEqual(["", "conic.v1"]);
    alice.sendFrame('{\n  "type": "register"\n}');
    const registered = await alice.next();
    expect(registered.type).toBe("register_response");
    const ID = registered.raw["ID"] as string;
    await bob.register({ ID: "receiver-id" });

    const frames = [
      ["sdp", { SessionDescription: offer }],
      ["candidate", { Candidate: "candidate-string" }],
      ["data_channel", { Label: "channel-name", Data: "base64-encoded-data" }],
    ] as const;
    for (const [type, body] of frames) {
      // As in the documents: pretty-printed, with spaces.
      const raw = JSON.stringify({ ID, TargetID: "receiver-id", ...body }).replaceAll('":', '": ');
      const frame = JSON.stringify({ type, raw }, null, 2);
      alice.sendFrame(frame);
      expect((await bob.next()).text).toBe(frame);
    }
    bob.send("sdp", { TargetID: ID, SessionDescription: { type: "answer", sdp: "v=0\r\n" } });
    expect((await alice.next()).raw).toMatchObject({ ID: "receiver-id", TargetID: ID });

    alice.send("unregister", { ID });
    expect((await alice.next()).raw).toEqual({ ID });
    alice.send("sdp", { ID, TargetID: "receiver-id", SessionDescription: offer });
    expect((await alice.next()).raw["Code"]).toBe("not_registered");
  });

  it("are told what they did wrong, and stay connected", async () => {
    await using server = await startSignalServer();
    await using alice = await PlainClient.open(server.url);
    await using bob = await PlainClient.open(server.url);
    await alice.register({ ID: "alice" });
    await bob.register({ ID: "bob" });
    const mistakes = [
      ["sdp", { ID: "bob", TargetID: "bob", SessionDescription: offer }, "forbidden"],
      ["candidate", { TargetID: "nobody", Candidate: "" }, "target_not_found"],
      ["register", { ID: "carol" }, "already_registered"],
      ["sdp", { TargetID: "bob" }, "invalid_message"],
      ["sdp", { TargetID: "not an id", SessionDescription: offer }, "invalid_id"],
      ["shout", {}, "unsupported_type"],
    ] as const;
    for (const [i, [type, raw, code]] of mistakes.entries()) {
      alice.send(type, raw, `m-${i}`);
      const { type: answer, id, raw: body } = await alice.next();
      expect([answer, id, body["Code"]]).toEqual(["error", `m-${i}`, code]);
      expect(body["Message"]).toMatch(/\w+ \w+/);
    }
    alice.sendFrame("garbage");
    expect((await alice.next()).raw["Code"]).toBe("invalid_message");
    alice.send("candidate", { TargetID: "nobody", Candidate: "" });
    expect((await alice.next()).raw).toMatchObject({ TargetID: "nobody" });
    // Nothing of all that has reached bob.
    alice.send("candidate", { TargetID: "bob", Candidate: "hello" });
    expect((await bob.next()).raw["Candidate"]).toBe("hello");
    expect(server.process.stderr.text).not.toContain("ERROR");
  });

  it("cannot have one id, but the holder of the secret can take it over", async () => {
    await using server = await startSignalServer();
    await using alice = await PlainClient.open(server.url);
    await using other = await PlainClient.open(server.url);
    const { raw } = await alice.register({ ID: "alice" });
    other.send("register", { ID: "alice" });
    expect((await other.next()).raw["Code"]).toBe("id_taken");
    await other.register({ ID: "alice", Resume: raw["Resume"] });
    expect(await alice.closed).toEqual({ code: 4500, reason: "replaced" });
  });
});

describe("frames that end the connection", () => {
  it.each([
    ["a binary one", () => Buffer.from('{"type":"register"}'), 1003],
    ["one above 64 KiB", () => "x".repeat(65_537), 1009],
  ])("%s: %#", async (_what, frame, code) => {
    await using server = await startSignalServer();
    await using alice = await PlainClient.open(server.url);
    await using bob = await PlainClient.open(server.url);
    await alice.register({ ID: "alice" });
    await bob.register({ ID: "bob" });
    alice.sendFrame(frame());
    expect((await alice.closed).code).toBe(code);
    bob.send("candidate", { TargetID: "alice", Candidate: "" });
    expect((await bob.next()).raw["Code"]).toBe("target_not_found");
  });
});

describe("a client process that is killed", () => {
  const program = `
    import { WebSocket } from "ws";
    const socket = new WebSocket(process.env.URL);
    socket.on("open", () => socket.send('{"type":"register","raw":"{\\\\"ID\\\\":\\\\"victim\\\\"}"}'));
    socket.on("message", (data) => console.log(String(data)));
  `;

  it("is unregistered at once: the others are told, and its id is free", async () => {
    await using server = await startSignalServer();
    await using alice = await PlainClient.open(server.url);
    await alice.register({ ID: "alice" });
    await using victim = await startProcess(
      process.execPath,
      ["--input-type=module", "--eval", program],
      { cwd: path.join(root, "e2e"), env: { URL: server.url } },
    );
    await victim.stdout.waitFor(/register_response/);
    // The log names connections, not clients: this is the second that registered.
    const [, connection = "?"] = await server.process.stderr.waitFor(
      / registered .*"connection":"([^"]+-2)"/,
    );
    alice.send("candidate", { TargetID: "victim", Candidate: "are you there" });
    await victim.stdout.waitFor(/are you there/);
    victim.kill("SIGKILL");
    await victim.exit();
    // Long before the 25 s after which a ping would find out.
    await server.process.stderr.waitFor(new RegExp(`unregistered.*"${connection}"`), 15_000);
    alice.send("candidate", { TargetID: "victim", Candidate: "" }, "late");
    expect(await alice.next()).toMatchObject({
      id: "late",
      raw: { Code: "target_not_found", TargetID: "victim" },
    });
    await using heir = await PlainClient.open(server.url);
    await heir.register({ ID: "victim" });
  });
});
