import type { ServerStats } from "@conic/server";
import type { AdminAnswer, AdminQuestion } from "../admin/combined.js";
import type { MetricValues } from "../metrics/prometheus.js";

/** What one worker has to say when all are asked. */
export interface Part {
  readonly index: number;
  readonly stats: ServerStats;
  /** Undefined where there are none. */
  readonly metrics: MetricValues | undefined;
}

/** What it has to say for the dashboard. */
export interface AdminPart {
  readonly index: number;
  readonly admin: AdminAnswer;
}

export type AnyPart = Part | AdminPart;

/** From the supervisor to a worker. */
export type Order =
  | { readonly type: "stop"; readonly signal: string }
  | { readonly type: "reload" }
  /** Answered with `part`. */
  | { readonly type: "report"; readonly number: number; readonly question?: AdminQuestion }
  /** The answer to `ask`. */
  | { readonly type: "parts"; readonly number: number; readonly parts: readonly AnyPart[] };

/** From a worker to the supervisor. */
export type News =
  | { readonly type: "listening"; readonly url: string }
  | { readonly type: "ask"; readonly number: number; readonly question?: AdminQuestion }
  | { readonly type: "part"; readonly number: number; readonly part: AnyPart };

/** What a worker is started with, in its environment. */
export interface Assignment {
  readonly index: number;
  readonly size: number;
  /** Of the sockets between the workers. */
  readonly directory: string;
  /** Those of the command line, or what 0 there has become. */
  readonly port: number;
  readonly metricsPort: number | undefined;
}

/** In the environment of workers, beside what the user gave. */
export const assignmentVariable = "CONIC_INTERNAL_WORKER";

/** Whether it is a message of ours: node:cluster sends some of its own. */
export function isMessage(value: unknown): value is { readonly type: string } {
  return typeof value === "object" && value !== null && "type" in value;
}
