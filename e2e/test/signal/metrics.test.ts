import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { PlainClient } from "../../src/client.js";
import { startSignalServer, type SignalServer } from "../../src/signal-server.js";

type Samples = ReadonlyMap<string, number>;

/** All samples of a scrape, as `name{labels}`; throws for a line that is not Prometheus' text format. */
async function scrape(server: SignalServer): Promise<Samples> {
  const answer = await server.get("/metrics");
  expect(answer.status).toBe(200);
  const lines = (await answer.text()).split("\n").filter((line) => !/^(?:#|$)/.test(line));
  return new Map(
    lines.map((line) => {
      const groups = /^(?<key>[a-z\d_]+(?:\{[^}]*\})?) (?<value>\S+)$/.exec(line)?.groups;
      if (groups === undefined) throw new Error(`not a sample: ${line}`);
      return [groups["key"] ?? "", Number(groups["value"])];
    }),
  );
}

function ours(samples: Samples): Record<string, number> {
  const found = [...samples].filter(
    ([key, value]) => value !== 0 && key.startsWith("conic_signal_") && !key.includes("_seconds"),
  );
  return Object.fromEntries(
    found.map(([key, value]) => [key.slice("conic_signal_".length), value]),
  );
}

function message(type: string, raw: object): string {
  return JSON.stringify({ type, raw: JSON.stringify(raw) });
}

const offer = { SessionDescription: { type: "offer", sdp: "v=0\r\no=secret-sdp\r\n" } };

describe("/metrics of a server", () => {
  it("agrees with what was done to it", async () => {
    await using server = await startSignalServer({ args: ["--allow-origin=https://example.net"] });
    let sent = 0;
    let received = 0;
    const say = (client: PlainClient, text: string): void => {
      sent += Buffer.byteLength(text);
      client.sendFrame(text);
    };
    const hear = async (client: PlainClient): Promise<string> => {
      const { type, text } = await client.next();
      received += Buffer.byteLength(text);
      return type;
    };

    await using alice = await PlainClient.open(server.url);
    await using bob = await PlainClient.open(server.url);
    say(alice, message("register", { ID: "alice" }));
    say(bob, message("register", { ID: "bob" }));
    expect([await hear(alice), await hear(bob)]).toEqual([
      "register_response",
      "register_response",
    ]);
    for (let i = 0; i < 25; i += 1) {
      say(alice, message("sdp", { TargetID: "bob", ...offer }));
      expect(await hear(bob)).toBe("sdp");
    }
    say(bob, message("candidate", { TargetID: "nobody", Candidate: "" }));
    say(bob, "no message");
    expect([await hear(bob), await hear(bob)]).toEqual(["error", "error"]);
    {
      await using carol = await PlainClient.open(server.url);
      say(carol, message("register", { ID: "alice" }));
      expect(await hear(carol)).toBe("error");
    }
    const stranger = new WebSocket(server.url, { origin: "https://evil.example" });
    await once(stranger, "error");
    // The server may hear of the end of carol's connection after this process did.
    await expect.poll(async () => (await scrape(server)).get("conic_signal_connections")).toBe(2);

    const samples = await scrape(server);
    const { [`build_info{version="0.0.0",node="${process.version}"}`]: info, ...counts } =
      ours(samples);
    expect(info).toBe(1);
    expect(counts).toEqual({
      ready: 1,
      connections: 2,
      registered: 2,
      connections_opened_total: 3,
      'connections_closed_total{code="1006"}': 1,
      'connections_refused_total{status="403"}': 1,
      'auth_failures_total{reason="upgrade"}': 1,
      registrations_total: 2,
      received_bytes_total: sent,
      sent_bytes_total: received,
      'frames_dropped_total{reason="target_not_found"}': 1,
      'messages_total{type="register",outcome="ok"}': 2,
      'messages_total{type="register",outcome="id_taken"}': 1,
      'messages_total{type="sdp",outcome="ok"}': 25,
      'messages_total{type="candidate",outcome="target_not_found"}': 1,
      'messages_total{type="invalid",outcome="invalid_message"}': 1,
    });
    expect(samples.get("conic_signal_relay_seconds_count")).toBe(25);
    expect(samples.get("conic_signal_relay_seconds_sum")).toBeGreaterThan(0);
    expect(samples.get("conic_signal_relay_seconds_sum")).toBeLessThan(25);
    expect(samples.get("process_resident_memory_bytes")).toBeGreaterThan(1_000_000);
    expect(samples.has("nodejs_eventloop_lag_p99_seconds")).toBe(true);
  });
});

describe("the log at info", () => {
  it("holds nothing that clients said, and not where they are", async () => {
    await using server = await startSignalServer({
      args: ["--log-format=json"],
      env: { CONIC_AUTH_SECRET: "a secret of thirty-two bytes, and more" },
    });
    const socket = new WebSocket(server.url, { localAddress: "127.0.0.77" });
    await once(socket, "open");
    const say = (type: string, raw: object): void => {
      socket.send(message(type, raw));
    };
    const candidate = "candidate:1 1 udp 1 203.0.113.9 9 typ host secret-candidate";
    const closed = once(socket, "close");
    say("sdp", { TargetID: "bob", ...offer });
    say("candidate", { TargetID: "bob", Candidate: candidate });
    say("secret-type", {});
    socket.send("secret-garbage");
    say("register", { ID: "alice", Token: "secret-token" });
    await closed;
    server.process.kill("SIGTERM");
    await server.process.exit();
    const lines = server.process.stderr.all.filter((line) => line !== "");
    expect(lines.length).toBeGreaterThan(4);
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty("level");
    expect(lines.join("\n")).not.toMatch(/127\.0\.0\.77|203\.0\.113|secret-|v=0/);
  });
});
