import { callFailureReasons } from "@conic/domain";
import { createSignalingServer } from "@conic/server";
import { describe, expect, it } from "vitest";
import { createMetrics, type Metrics } from "../../src/metrics/prometheus.js";

function metricsOf(): Metrics {
  const signaling = createSignalingServer();
  return createMetrics({ stats: () => signaling.stats(), ready: () => true, version: "0" });
}

async function calls(metrics: Metrics): Promise<Map<string, number>> {
  const lines = (await metrics.text()).matchAll(
    /^conic_calls_total\{outcome="(?<outcome>\w+)",reason="(?<reason>\w*)"\} (?<n>\d+)$/gm,
  );
  return new Map(
    Array.from(lines, ({ groups = {} }) => [
      `${groups["outcome"]} ${groups["reason"]}`.trim(),
      Number(groups["n"]),
    ]),
  );
}

describe("conic_calls_total", () => {
  it("has every outcome at 0 from the start, and no other", async () => {
    const all = ["direct", "relayed", ...callFailureReasons.map((reason) => `failed ${reason}`)];
    expect([...(await calls(metricsOf()))]).toEqual(all.map((name) => [name, 0]));
  });

  it("counts what callers report, as often as it is scraped", async () => {
    const metrics = metricsOf();
    const { observer } = metrics;
    observer.callReported?.("direct", undefined);
    observer.callReported?.("direct", undefined);
    observer.callReported?.("relayed", undefined);
    observer.callReported?.("failed", "no_candidate_pair");
    observer.callReported?.("failed", undefined);
    for (const _ of [1, 2]) {
      const counted = [...(await calls(metrics))].filter(([, n]) => n > 0);
      expect(counted).toEqual([
        ["direct", 2],
        ["relayed", 1],
        ["failed no_candidate_pair", 1],
        ["failed other", 1],
      ]);
    }
  });
});
