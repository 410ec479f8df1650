import { describe, expect, it } from "vitest";
import { PlainClient } from "../../src/client.js";
import { startSignalServer } from "../../src/signal-server.js";

const formats = ["json", "text"] as const;

describe("S22 the log", () => {
  it("in JSON is one object a line, and holds no description, candidate, data or secret", async () => {
    await using server = await startSignalServer({
      args: ["--log-format=json", "--log-level=debug"],
    });
    await using alice = await PlainClient.open(server.url);
    await using bob = await PlainClient.open(server.url);
    const { raw } = await alice.register({ ID: "alice", Token: "tok3n" });
    await bob.register({ ID: "bob" });
    const sdp = "v=0\r\nc=IN IP4 203.0.113.9\r\n";
    alice.send("sdp", { TargetID: "bob", SessionDescription: { type: "offer", sdp } });
    alice.send("candidate", {
      TargetID: "bob",
      Candidate: "candidate:1 1 udp 1 203.0.113.9 9 typ host",
    });
    alice.send("data_channel", { TargetID: "bob", Label: "s3cret-label", Data: "czNjcmV0" });
    for (let i = 0; i < 3; i += 1) await bob.next();
    alice.send("sdp", { ID: "carol", TargetID: "bob", SessionDescription: { type: "offer", sdp } });
    alice.sendFrame(`garbage ${sdp}`);
    for (let i = 0; i < 2; i += 1) await alice.next();
    server.process.kill("SIGTERM");
    await server.process.exit();
    const { all, text } = server.process.stderr;
    const entries = all.map((line) => JSON.parse(line) as Record<string, unknown>);
    const messages = entries.map(({ msg }) => msg);
    for (const message of ["listening", "registered", "message", "unregistered", "stopped"]) {
      expect(messages).toContain(message);
    }
    for (const entry of entries)
      expect(entry).toMatchObject({ level: expect.any(Number) as number });
    for (const secret of [
      "203.0.113.9",
      "v=0",
      "s3cret",
      "czNjcmV0",
      "tok3n",
      String(raw["Resume"]),
    ]) {
      expect(text).not.toContain(secret);
    }
  });

  it("at level info says nothing about single messages", async () => {
    await using server = await startSignalServer({ args: ["--log-format=json"] });
    await using alice = await PlainClient.open(server.url);
    await alice.register({ ID: "alice" });
    alice.send("candidate", { TargetID: "alice", Candidate: "" });
    await alice.next();
    server.process.kill("SIGTERM");
    await server.process.exit();
    const messages = server.process.stderr.all.map(
      (line) => (JSON.parse(line) as { msg: string }).msg,
    );
    expect(messages).toEqual([
      "listening",
      "registered",
      "stopping",
      "closing",
      "unregistered",
      "stopped",
    ]);
  });
});

describe("a server whose output nobody reads any more", () => {
  it.each(formats)("lives on, with the log as %s", async (format) => {
    await using server = await startSignalServer({ args: [`--log-format=${format}`] });
    server.process.stopReading("stdout");
    server.process.stopReading("stderr");
    for (let i = 0; i < 20; i += 1) {
      await using client = await PlainClient.open(server.url);
      await client.register({ ID: `c${i}` });
      client.sendFrame("garbage");
      await client.next();
    }
    expect((await server.get("/healthz")).status).toBe(200);
    server.process.kill("SIGTERM");
    expect(await server.process.exit()).toEqual({ code: 0, signal: null });
  });
});

/** Makes the server fail when it is told so on stdin, from outside of all of its code. */
function failing(how: string): string[] {
  const source = `process.stdin.once("data", () => { ${how} });`;
  return ["--import", `data:text/javascript,${encodeURIComponent(source)}`];
}

describe("a fault of the program", () => {
  it.each(
    formats.flatMap((format) => [
      [format, "an exception", "throw new Error('boom')"] as const,
      [format, "a rejection", "Promise.reject(new Error('boom'))"] as const,
    ]),
  )("%s: %s that nobody handles is logged, and ends it with code 1", async (format, _what, how) => {
    await using server = await startSignalServer({
      nodeArgs: failing(how),
      args: [`--log-format=${format}`],
    });
    server.process.stdin.write("now\n");
    expect(await server.process.exit()).toEqual({ code: 1, signal: null });
    expect(server.process.stderr.text).toContain("stopping: a fault of the program");
    expect(server.process.stderr.text).toContain("boom");
  });
});
