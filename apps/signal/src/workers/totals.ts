import type { ServerStats } from "@conic/server";
import { json, type Route } from "../http.js";
import { sumMetrics, type Metrics } from "../metrics/prometheus.js";
import { sumStats } from "./sum.js";
import type { WorkerLink } from "./worker.js";

/** What is told of the whole server where this process is a part of it. */
export interface Totals {
  readonly stats?: Route;
  readonly metrics: Metrics | undefined;
}

/** Without other workers, there is nothing to add up. */
export function totalsOf(
  link: WorkerLink | undefined,
  metrics: Metrics | undefined,
  stats: () => ServerStats,
): Totals {
  if (link === undefined) return { metrics };
  const { index } = link;
  link.report = async () => ({ index, stats: stats(), metrics: await metrics?.values() });
  return {
    stats: async () => json(200, sumStats(await link.collect())),
    metrics: metrics && {
      ...metrics,
      text: async () => sumMetrics((await link.collect()).map((part) => part.metrics ?? [])),
    },
  };
}
