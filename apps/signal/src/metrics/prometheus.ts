import {
  AggregatorRegistry,
  collectDefaultMetrics,
  Counter,
  Gauge,
  Registry,
  type Histogram,
} from "prom-client";
import type { ServerObserver, ServerStats } from "@conic/server";
import type { CallCounts } from "./calls.js";
import { FastHistogram } from "./histogram.js";
import { Tally } from "./tally.js";

/** What Prometheus scrapes. */
export interface Metrics {
  /** Counts what the server does. */
  readonly observer: ServerObserver;
  /** The same, to read what it has counted. */
  readonly tally: Tally;
  readonly contentType: string;
  /** All metrics, in Prometheus' text format. */
  text(): Promise<string>;
  /** The same, to be added to those of other processes. */
  values(): Promise<MetricValues>;
}

/** Metrics in a form that can be sent to another process; its inside is nobody's business. */
export type MetricValues = readonly object[];

/** Metrics of several processes as those of one, as text. */
export async function sumMetrics(all: readonly MetricValues[]): Promise<string> {
  const list = all.map((values) => [...values]);
  return AggregatorRegistry.aggregate(list).metrics();
}

export interface MetricsSetup {
  readonly stats: () => ServerStats;
  readonly ready: () => boolean;
  readonly version: string;
}

const prefix = "conic_signal_";
// From 10 µs, which a relay takes, to 1 s, of which somebody must hear.
const relayBucketsS = [1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.1, 1];

interface Readable {
  entries(): Iterable<readonly [string, number]>;
}

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

/** A counter that is read from `samples` when it is scraped. */
function counter(
  registry: Registry,
  text: readonly [name: string, help: string],
  labelNames: readonly string[],
  samples: () => Iterable<Sample>,
): void {
  const [name, help] = text;
  const made: Counter = new Counter({
    name: `${prefix}${name}`,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    collect: () => {
      made.reset();
      for (const [labels, value] of samples()) made.inc(labels, value);
    },
  });
}

function gauge(
  registry: Registry,
  name: string,
  help: string,
  value: () => number,
  aggregator: "sum" | "min" = "sum",
): void {
  const made: Gauge = new Gauge({
    name: `${prefix}${name}`,
    help,
    aggregator,
    registers: [registry],
    collect: () => {
      made.set(value());
    },
  });
}

function messageSamples({ messages }: Tally): Sample[] {
  return Array.from(messages).flatMap(([type, outcomes]) =>
    Array.from(outcomes.entries(), ([outcome, n]): Sample => [{ type, outcome }, n]),
  );
}

function addTotals(to: Registry, tally: Tally): void {
  const add = (name: string, help: string, value: () => number): void => {
    counter(to, [name, help], [], () => [[{}, value()]]);
  };
  add("connections_opened_total", "Connections that were accepted", () => tally.opened);
  add("registrations_total", "Ids that got a holder", () => tally.registrations);
  add("unregistrations_total", "Ids that lost their holder", () => tally.unregistrations);
  add("received_bytes_total", "Bytes of the frames of clients", () => tally.receivedBytes);
  add("sent_bytes_total", "Bytes of the frames to clients", () => tally.sentBytes);
  add("kicks_total", "Clients that were ended at /admin", () => tally.kicks);
}

function addLabelled(to: Registry, tally: Tally): void {
  const add = (label: string, counts: Readable, name: string, help: string): void => {
    counter(to, [name, help], [label], () =>
      Array.from(counts.entries(), ([value, n]): Sample => [{ [label]: value }, n]),
    );
  };
  const { closed, refused, dropped, evicted, unauthorized, authentications, sessions } = tally;
  const { limits } = tally;
  const asked = "Tokens that were judged, with ok or the code of the refusal";
  const broken = "Sessions whose client went away, came back, or was given up";
  const denied = "Registrations refused for want of a right, and upgrades answered 401 or 403";
  add("code", closed, "connections_closed_total", "Connections that ended, by close code");
  add("status", refused, "connections_refused_total", "Requests that got no connection");
  add("reason", dropped, "frames_dropped_total", "Frames that no connection took");
  add("reason", evicted, "evictions_total", "Connections that had to go");
  add("reason", unauthorized, "auth_failures_total", denied);
  add("outcome", authentications, "authentications_total", asked);
  add("limit", limits, "limited_total", "Messages and connections that met a limit");
  add("event", sessions, "sessions_total", broken);
  const outcomes = "Messages of clients, with ok or the code of the error that was the answer";
  counter(to, ["messages_total", outcomes], ["type", "outcome"], () => messageSamples(tally));
}

/** `conic_calls_total`: of the clients' calls, not of this server, so without its prefix. */
function addCalls(to: Registry, counted: CallCounts): void {
  const made: Counter = new Counter({
    name: "conic_calls_total",
    help: "Calls that clients made, and how they came out: as their callers say, which is not proved",
    labelNames: ["outcome", "reason"],
    registers: [to],
    collect: () => {
      made.reset();
      for (const { outcome, reason, calls } of counted.counts())
        made.inc({ outcome, reason }, calls);
    },
  });
}

function addGauges(to: Registry, { stats, ready, version }: MetricsSetup): void {
  gauge(to, "connections", "Connections that are open", () => stats().connections);
  gauge(to, "registered", "Ids that have a holder", () => stats().registered);
  gauge(to, "away", "Ids kept for clients whose connection broke", () => stats().away);
  gauge(to, "rooms", "Rooms with somebody in them", () => stats().rooms);
  const takes = "1 while it takes new clients, 0 while it drains";
  gauge(to, "ready", takes, () => (ready() ? 1 : 0), "min");
  const info = new Gauge({
    name: `${prefix}build_info`,
    help: "1, with the version and that of Node",
    labelNames: ["version", "node"],
    aggregator: "first",
    registers: [to],
  });
  info.set({ version, node: process.version }, 1);
}

/** The metrics of one server, and those of its process: CPU, memory, lag of the event loop. */
export function createMetrics(setup: MetricsSetup): Metrics {
  const registry = new Registry();
  const relay = new FastHistogram(
    {
      name: `${prefix}relay_seconds`,
      help: "From reading a message to handing it to its target's connection",
    },
    relayBucketsS,
  );
  // The type that a registry wants is prom-client's own classes; what it calls is this.
  registry.registerMetric(relay.asMetric() as unknown as Histogram);
  const tally = new Tally((seconds) => {
    relay.observe(seconds);
  });
  addTotals(registry, tally);
  addLabelled(registry, tally);
  addCalls(registry, tally.calls);
  addGauges(registry, setup);
  collectDefaultMetrics({ register: registry });
  return {
    observer: tally,
    tally,
    contentType: registry.contentType,
    text: () => registry.metrics(),
    values: () => registry.getMetricsAsJSON(),
  };
}
