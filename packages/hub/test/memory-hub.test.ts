import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Frame, type LogFields, type Logger } from "@conic/domain";
import { FakeClock, watchLeaks } from "@conic/internal-testing";
import { afterAll, describe, expect, it } from "vitest";
import { createHub } from "../src/index.js";
import { evict, FakeConnection } from "./fake-connection.js";
import { clientOf, id } from "./helpers.js";
import { describeHubContract } from "./hub-contract.js";

const expectNoLeaks = watchLeaks();
afterAll(expectNoLeaks);

describeHubContract("the hub in memory", createHub);

/** Collects garbage; Node offers it behind a flag only. */
function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}

describe("the hub in memory", () => {
  it("keeps nothing of a disposed registration while its connection lives", async () => {
    const hub = createHub();
    const connection = new FakeConnection();
    const registerAndDispose = (): WeakRef<object> => {
      const registration = hub.register(clientOf("alice", connection));
      registration[Symbol.dispose]();
      return new WeakRef(registration);
    };
    const gone = Array.from({ length: 10 }, registerAndDispose);
    // A WeakRef holds its target until the turn of the event loop in which it was made is over.
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    expect(gone.filter((reference) => reference.deref() !== undefined)).toHaveLength(0);
    expect(connection.readyState).toBe("open");
  });

  it("ends what is left of a connection's ids with it, whichever were given back before", async () => {
    const hub = createHub();
    const connection = new FakeConnection();
    const made = ["a", "b", "c", "d", "e"].map((name) => hub.register(clientOf(name, connection)));
    for (const i of [1, 0, 4]) made[i]?.[Symbol.dispose]();
    expect(Array.from(hub.clients(), (client) => client.id)).toStrictEqual(["c", "d"]);
    await connection.close();
    expect(made.map(({ active }) => active)).toStrictEqual([false, false, false, false, false]);
    expect(hub.stats().connectedClients).toBe(0);
  });

  it("delivers synchronously", () => {
    const hub = createHub();
    const connection = new FakeConnection();
    hub.register(clientOf("alice", connection));
    expect(hub.send(id("alice"), Frame.fromText("1"))).toStrictEqual({ status: "sent" });
    expect(hub.send(id("bob"), Frame.fromText("1"))).toHaveProperty("status", "undeliverable");
    expect(connection.received).toStrictEqual(["1"]);
  });

  it("hands the frame on as it is", () => {
    const hub = createHub();
    const frames: Frame[] = [];
    const send = (_: FakeConnection, frame: Frame): void => void frames.push(frame);
    hub.register(clientOf("alice", new FakeConnection({ send })));
    const frame = Frame.fromText("no JSON {");
    void hub.send(id("alice"), frame);
    expect(frames[0]).toBe(frame);
  });

  it("measures its uptime with the clock it is given", () => {
    const clock = new FakeClock();
    clock.advance(1000);
    const hub = createHub({ clock });
    clock.advance(250);
    expect(hub.stats().uptimeMs).toBe(250);
    expect(clock.pending).toBe(0);
  });

  it("logs who comes and goes, and who does not read, but no frame", () => {
    const lines: string[] = [];
    const at = (level: string) => (fields: LogFields, message: string) => {
      lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
    };
    const logger: Logger = {
      debug: at("debug"),
      info: at("info"),
      warn: at("warn"),
      error: at("error"),
      child: () => logger,
    };
    const hub = createHub({ logger });
    hub.register(clientOf("alice", new FakeConnection({ send: evict })));
    void hub.send(id("alice"), Frame.fromText("SECRET"));
    const text = lines.join("\n");
    expect(text).not.toContain("SECRET");
    expect(lines.map((line) => line.split(" {")[0])).toStrictEqual([
      "debug client",
      "info client registered",
      "debug client",
      "info client unregistered",
      "debug client",
      "warn client does not read fast enough",
    ]);
    const named = lines.filter((line) => line.includes("alice"));
    expect(named).toStrictEqual(lines.filter((line) => line.startsWith("debug")));
  });
});
