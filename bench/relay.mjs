// Relay throughput and latency of the signaling server, as ratios to a bare ws echo.
import { messageOf, withChild } from "./child.mjs";
import { compare, percentile, quick } from "./harness.mjs";
import { connectClients } from "./relay/load.mjs";

const clients = 100;
const warmUpMs = quick ? 200 : 1000;
const measureMs = quick ? 500 : 3000;

/**
 * @template T
 * @param {"conic" | "echo"} kind
 * @param {(port: number, child: import("node:child_process").ChildProcess) => Promise<T>} use
 */
function withServer(kind, use) {
  return withChild("./relay/server.mjs", [kind], async (child) => {
    const { port } = await messageOf(child, "listening");
    return use(Number(port), child);
  });
}

/** @param {import("node:child_process").ChildProcess} child */
async function cpuMicros(child) {
  const answer = messageOf(child, "cpu");
  child.send("cpu");
  return Number((await answer)["micros"]);
}

/** @param {"conic" | "echo"} kind */
function throughput(kind) {
  return withServer(kind, async (port, child) => {
    const load = await connectClients(port, { relay: kind === "conic", clients });
    await load.saturate(warmUpMs, 2);
    const before = await cpuMicros(child);
    const count = await load.saturate(measureMs, 2);
    const cpu = (await cpuMicros(child)) - before;
    load.close();
    return { perSecond: (count / measureMs) * 1000, cpuPerMessage: cpu / count };
  });
}

/** @param {"conic" | "echo"} kind @param {number} fraction */
function latency(kind, fraction) {
  return withServer(kind, async (port) => {
    const load = await connectClients(port, { relay: kind === "conic", clients: 2 });
    await load.latencies(quick ? 200 : 2000);
    const times = await load.latencies(quick ? 500 : 5000);
    load.close();
    return percentile(times, fraction);
  });
}

/** @param {{ report: (result: { title: string, rows: Record<string, unknown>[], notes?: string[] }) => void }} context */
export async function run({ report }) {
  const rate = await compare({
    figure: "messages/s",
    reference: "ws echo",
    contenders: {
      "conic relay": async () => (await throughput("conic")).perSecond,
      "ws echo": async () => (await throughput("echo")).perSecond,
    },
  });
  report({
    title: `Relay throughput, ${clients} clients, candidates, one server process (load on the other core)`,
    rows: rate.rows,
    notes: [rate.note],
  });
  const cpu = await compare({
    figure: "server CPU, µs a message",
    reference: "ws echo",
    contenders: {
      "conic relay": async () => (await throughput("conic")).cpuPerMessage,
      "ws echo": async () => (await throughput("echo")).cpuPerMessage,
    },
  });
  report({ title: "Relay cost (lower is better)", rows: cpu.rows, notes: [cpu.note] });
  for (const [name, fraction] of /** @type {const} */ ([
    ["p50", 0.5],
    ["p99", 0.99],
  ])) {
    const times = await compare({
      figure: `${name}, µs`,
      reference: "ws echo",
      contenders: {
        "conic relay": () => latency("conic", fraction),
        "ws echo": () => latency("echo", fraction),
      },
    });
    report({
      title: `Relay latency ${name}, one message at a time (lower is better)`,
      rows: times.rows,
      notes: [times.note],
    });
  }
}
