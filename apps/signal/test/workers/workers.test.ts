import { FakeClock } from "@conic/internal-testing";
import { createSignalingServer, type ServerStats } from "@conic/server";
import { describe, expect, it } from "vitest";
import { createMetrics, sumMetrics } from "../../src/metrics/prometheus.js";
import { readCommand } from "../../src/options.js";
import { Inquiries, reportTimeoutMs } from "../../src/workers/inquiries.js";
import type { Part } from "../../src/workers/messages.js";
import { Restarts } from "../../src/workers/restarts.js";
import { sumStats } from "../../src/workers/sum.js";
import { readAssignment } from "../../src/workers/worker.js";

function workersOf(argv: readonly string[], env: Record<string, string> = {}): number {
  const command = readCommand(argv, env);
  if (command.kind !== "serve") throw new Error("it does not serve");
  return command.options.workers;
}

function part(index: number, stats: Partial<ServerStats>): Part {
  const empty = createSignalingServer().stats();
  return { index, stats: { ...empty, ...stats }, metrics: undefined };
}

describe("--workers", () => {
  it("is 1, what it says, or one for each core", () => {
    expect(workersOf([])).toBe(1);
    expect(workersOf(["--workers=3"])).toBe(3);
    expect(workersOf([], { CONIC_WORKERS: "2" })).toBe(2);
    expect(workersOf(["--workers=0"])).toBeGreaterThanOrEqual(1);
    expect(() => workersOf(["--workers=257"])).toThrow(/256/);
  });

  it("is no business of a process that is no worker", () => {
    const text = JSON.stringify({ index: 0 });
    expect(readAssignment({ CONIC_INTERNAL_WORKER: text })).toBeUndefined();
  });
});

describe("the numbers of several workers", () => {
  it("are added up, and told of each", () => {
    const total = sumStats([
      part(1, { connections: 3, registered: 1, errorsSent: { id_taken: 2 } }),
      part(0, {
        connections: 4,
        rooms: 2,
        closing: true,
        errorsSent: { id_taken: 1, internal: 1 },
      }),
    ]);
    expect(total).toMatchObject({
      connections: 7,
      registered: 1,
      rooms: 2,
      closing: true,
      errorsSent: { id_taken: 3, internal: 1 },
      workers: [
        { index: 0, connections: 4, registered: 0 },
        { index: 1, connections: 3, registered: 1 },
      ],
    });
  });

  it("are metrics too: counters add up, what is ready is so when all are", async () => {
    const all = [true, false].map((ready) => {
      const { stats } = part(0, { connections: 5 });
      const metrics = createMetrics({ stats: () => stats, ready: () => ready, version: "1.2.3" });
      metrics.observer.connectionOpened?.();
      return metrics.values();
    });
    // They travel between processes.
    const values = JSON.parse(JSON.stringify(await Promise.all(all))) as object[][];
    const text = await sumMetrics(values);
    expect(text).toMatch(/^conic_signal_connections 10$/m);
    expect(text).toMatch(/^conic_signal_connections_opened_total 2$/m);
    expect(text).toMatch(/^conic_signal_ready 0$/m);
    expect(text).toMatch(/^conic_signal_build_info\{version="1.2.3",.*\} 1$/m);
  });
});

describe("a question to all workers", () => {
  it("is answered when all have, and once", () => {
    const inquiries = new Inquiries(new FakeClock());
    const answers: number[][] = [];
    const number = inquiries.open([0, 1], (parts) => answers.push(parts.map(({ index }) => index)));
    inquiries.add(number, part(1, {}));
    inquiries.add(number, part(1, {}));
    expect(answers).toEqual([]);
    inquiries.add(number, part(0, {}));
    inquiries.add(number, part(0, {}));
    expect(answers).toEqual([[1, 0]]);
  });

  it("does without one that dies, and without one that does not answer in time", () => {
    const clock = new FakeClock();
    const inquiries = new Inquiries(clock);
    const answers: number[][] = [];
    const note = (parts: readonly { readonly index: number }[]): void => {
      answers.push(parts.map(({ index }) => index));
    };
    inquiries.add(inquiries.open([0, 1], note), part(0, {}));
    inquiries.lose(1);
    expect(answers).toEqual([[0]]);
    inquiries.add(inquiries.open([0, 1], note), part(1, {}));
    clock.advance(reportTimeoutMs - 1);
    expect(answers).toHaveLength(1);
    clock.advance(1);
    expect(answers).toEqual([[0], [1]]);
    inquiries.open([], note);
    expect(answers).toHaveLength(3);
    expect(clock.pending).toBe(0);
  });
});

describe("a worker that dies", () => {
  it("is started again later each time, up to a limit, and soon when it had worked for a while", () => {
    const restarts = new Restarts();
    const delays = Array.from({ length: 10 }, () => restarts.nextMs(0));
    expect(delays).toEqual([50, 100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
    expect(restarts.nextMs(9999)).toBe(10_000);
    expect(restarts.nextMs(10_000)).toBe(50);
  });
});
