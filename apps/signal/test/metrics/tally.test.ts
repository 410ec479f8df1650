import { failOnLeaks } from "@conic/internal-testing";
import { createSignalingServer } from "@conic/server";
import { describe, expect, it } from "vitest";
import { createMetrics, type Metrics } from "../../src/metrics/prometheus.js";
import { Tally } from "../../src/metrics/tally.js";

failOnLeaks();

function metricsOf(ready = true): Metrics {
  const signaling = createSignalingServer();
  return createMetrics({ stats: () => signaling.stats(), ready: () => ready, version: "1.2.3" });
}

/** The samples of one metric, without comments. */
async function samples(metrics: Metrics, name: string): Promise<string[]> {
  const lines = (await metrics.text()).split("\n");
  return lines.filter((line) => new RegExp(`^conic_signal_${name}[{ ]`).test(line)).toSorted();
}

describe("the metrics", () => {
  it("count messages by type and outcome", async () => {
    const metrics = metricsOf();
    metrics.observer.messageHandled?.("sdp", "ok");
    metrics.observer.messageHandled?.("sdp", "ok");
    metrics.observer.messageHandled?.("sdp", "target_not_found");
    metrics.observer.messageHandled?.("invalid", "invalid_message");
    const expected = [
      'conic_signal_messages_total{type="invalid",outcome="invalid_message"} 1',
      'conic_signal_messages_total{type="sdp",outcome="ok"} 2',
      'conic_signal_messages_total{type="sdp",outcome="target_not_found"} 1',
    ];
    expect(await samples(metrics, "messages_total")).toEqual(expected);
    // Being scraped changes nothing.
    expect(await samples(metrics, "messages_total")).toEqual(expected);
  });

  it("make one series of all close codes that clients make up", async () => {
    const metrics = metricsOf();
    for (let code = 3000; code < 4000; code += 1)
      metrics.observer.connectionClosed?.(code, undefined);
    metrics.observer.connectionClosed?.(1001, undefined);
    expect(await samples(metrics, "connections_closed_total")).toEqual([
      'conic_signal_connections_closed_total{code="1001"} 1',
      'conic_signal_connections_closed_total{code="other"} 1000',
    ]);
  });

  it("have what is rare at 0 from the start", async () => {
    const metrics = metricsOf();
    expect(await samples(metrics, "evictions_total")).toEqual([
      'conic_signal_evictions_total{reason="ping_timeout"} 0',
      'conic_signal_evictions_total{reason="register_timeout"} 0',
      'conic_signal_evictions_total{reason="slow_consumer"} 0',
    ]);
    expect(await samples(metrics, "auth_failures_total")).toHaveLength(3);
    expect(await samples(metrics, "frames_dropped_total")).toHaveLength(3);
  });

  it("count what becomes of sessions, tokens and clients that are ended", async () => {
    const metrics = metricsOf();
    expect(await samples(metrics, "kicks_total")).toEqual(["conic_signal_kicks_total 0"]);
    const { observer } = metrics;
    for (const event of ["sessionAway", "sessionAway", "sessionResumed", "sessionLost"] as const) {
      observer[event]?.();
    }
    observer.kicked?.();
    observer.authenticated?.("ok");
    observer.authenticated?.("internal");
    expect(await samples(metrics, "sessions_total")).toEqual([
      'conic_signal_sessions_total{event="away"} 2',
      'conic_signal_sessions_total{event="lost"} 1',
      'conic_signal_sessions_total{event="resumed"} 1',
    ]);
    expect(await samples(metrics, "authentications_total")).toEqual([
      'conic_signal_authentications_total{outcome="forbidden"} 0',
      'conic_signal_authentications_total{outcome="internal"} 1',
      'conic_signal_authentications_total{outcome="ok"} 1',
      'conic_signal_authentications_total{outcome="unauthorized"} 0',
    ]);
    expect(await samples(metrics, "kicks_total")).toEqual(["conic_signal_kicks_total 1"]);
    expect(await samples(metrics, "away")).toEqual(["conic_signal_away 0"]);
  });

  it("sort relay times into buckets of seconds", async () => {
    const metrics = metricsOf();
    for (const ms of [0.005, 0.01, 0.011, 3000]) metrics.observer.messageRelayed?.("sdp", ms);
    const found = await samples(metrics, "relay_seconds_bucket");
    expect(found).toContain('conic_signal_relay_seconds_bucket{le="0.00001"} 2');
    expect(found).toContain('conic_signal_relay_seconds_bucket{le="0.000025"} 3');
    expect(found).toContain('conic_signal_relay_seconds_bucket{le="1"} 3');
    expect(found).toContain('conic_signal_relay_seconds_bucket{le="+Inf"} 4');
    expect(await samples(metrics, "relay_seconds_count")).toEqual([
      "conic_signal_relay_seconds_count 4",
    ]);
  });

  it("say how the server and its process are", async () => {
    expect(await samples(metricsOf(), "ready")).toEqual(["conic_signal_ready 1"]);
    const draining = metricsOf(false);
    expect(await samples(draining, "ready")).toEqual(["conic_signal_ready 0"]);
    expect(await samples(draining, "connections")).toEqual(["conic_signal_connections 0"]);
    expect(await samples(draining, "build_info")).toEqual([
      `conic_signal_build_info{version="1.2.3",node="${process.version}"} 1`,
    ]);
    const text = await draining.text();
    for (const name of ["nodejs_eventloop_lag_p99_seconds", "process_resident_memory_bytes"]) {
      expect(text).toMatch(new RegExp(`^${name} [\\d.e+-]+$`, "m"));
    }
  });

  it("count by limit what met one, each from the start", async () => {
    const metrics = metricsOf();
    metrics.observer.limited?.("messages");
    metrics.observer.limited?.("messages");
    const found = await samples(metrics, "limited_total");
    expect(found).toHaveLength(11);
    expect(found).toContain('conic_signal_limited_total{limit="messages"} 2');
    expect(found).toContain('conic_signal_limited_total{limit="address_connection_rate"} 0');
  });

  it("follow the naming rules of Prometheus", async () => {
    const names = (await metricsOf().text()).matchAll(/^# TYPE (?<name>conic_\S+) (?<type>\S+)$/gm);
    const found = Array.from(names, ({ groups }) => [groups?.["name"] ?? "", groups?.["type"]]);
    expect(found.length).toBeGreaterThan(15);
    for (const [name = "", type] of found) {
      expect(name).toMatch(/^conic_(?:signal|calls)_[a-z_]+$/);
      expect(name.endsWith("_total")).toBe(type === "counter");
      expect(name.endsWith("_seconds")).toBe(type === "histogram");
    }
  });
});

describe("the tally", () => {
  it.each([
    [4001, "slow_consumer", "slow_consumer"],
    [4003, "ping_timeout", "ping_timeout"],
    [1006, "ping_timeout", "ping_timeout"],
    [4002, undefined, "register_timeout"],
    [4001, undefined, undefined],
    [1000, undefined, undefined],
  ])("a connection closed with %i, %s, was evicted: %s", (code, error, reason) => {
    const tally = new Tally(() => undefined);
    tally.connectionClosed(code, error);
    const evicted = [...tally.evicted.entries()].filter(([, count]) => count > 0);
    expect(evicted).toEqual(reason === undefined ? [] : [[reason, 1]]);
  });

  it("knows which refusals are for want of a right", () => {
    const tally = new Tally(() => undefined);
    tally.messageHandled("register", "unauthorized");
    tally.messageHandled("register", "forbidden");
    tally.messageHandled("register", "id_taken");
    tally.messageHandled("sdp", "forbidden");
    for (const status of [401, 403, 503, 426]) tally.connectionRefused(status);
    expect([...tally.unauthorized.entries()]).toEqual([
      ["unauthorized", 1],
      ["forbidden", 1],
      ["upgrade", 2],
    ]);
    expect([...tally.refused.entries()]).toHaveLength(4);
  });
});
