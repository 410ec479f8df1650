import cluster from "node:cluster";
import { deferred, type Backplane, type Deferred, type Logger } from "@conic/domain";
import { openMesh } from "@conic/server";
import type { AdminAnswer, AdminQuestion } from "../admin/combined.js";
import type { SignalOptions } from "../options.js";
import {
  assignmentVariable,
  isMessage,
  type AnyPart,
  type Assignment,
  type News,
  type Order,
  type Part,
} from "./messages.js";

/** This process as one of several. */
export interface WorkerLink {
  readonly index: number;
  readonly backplane: Backplane;
  /** What all workers have to say, this one too; those that do not answer in time are left out. */
  collect(): Promise<readonly Part[]>;
  /** The same for the dashboard. */
  inquire(question: AdminQuestion): Promise<readonly AdminAnswer[]>;
  /** What this one says to that. */
  answer: ((question: AdminQuestion) => Promise<AdminAnswer>) | undefined;
  /** What this one has to say. Asked of it once it is set. */
  report: (() => Promise<Part>) | undefined;
  /** Clients can connect. */
  listening(url: string): void;
  onReload: (() => void) | undefined;
  /** Fires with the name of a signal when it is to end. */
  readonly stop: AbortSignal;
}

/** Smallest messages between workers that hold a frame of the largest size and what goes with it. */
const frameRoomBytes = 4096;
const minMessageBytes = 1_048_576;

/** What the supervisor wants of this process; undefined when there is none. */
export function readAssignment(env: NodeJS.ProcessEnv = process.env): Assignment | undefined {
  const text = env[assignmentVariable];
  if (!cluster.isWorker || text === undefined) return undefined;
  return JSON.parse(text) as Assignment;
}

/** The options of this worker: its ports are those of all. */
export function assignedOptions(options: SignalOptions, assignment: Assignment): SignalOptions {
  const { port, metricsPort } = assignment;
  const { metrics } = options;
  const own =
    metrics?.own === undefined || metricsPort === undefined
      ? undefined
      : { ...metrics.own, port: metricsPort };
  return { ...options, port, metrics: metrics && { ...metrics, own } };
}

class Link implements WorkerLink {
  readonly index: number;
  readonly backplane: Backplane;
  report: (() => Promise<Part>) | undefined;
  answer: ((question: AdminQuestion) => Promise<AdminAnswer>) | undefined;
  onReload: (() => void) | undefined;
  readonly #stop: AbortController;
  readonly #asked = new Map<number, Deferred<readonly AnyPart[]>>();
  #last = 0;

  constructor(index: number, backplane: Backplane, stop: AbortController) {
    this.index = index;
    this.backplane = backplane;
    this.#stop = stop;
    process.on("message", (message: unknown) => {
      if (isMessage(message)) this.#onOrder(message as Order);
    });
    // That of the supervisor's end needs no listener: node:cluster ends this process then.
  }

  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  async collect(): Promise<readonly Part[]> {
    const parts = await this.#ask({});
    return parts.filter((part) => "stats" in part);
  }

  async inquire(question: AdminQuestion): Promise<readonly AdminAnswer[]> {
    const parts = await this.#ask({ question });
    return parts.flatMap((part) => ("admin" in part ? [part.admin] : []));
  }

  listening(url: string): void {
    tell({ type: "listening", url });
  }

  #ask(wanted: { readonly question?: AdminQuestion }): Promise<readonly AnyPart[]> {
    this.#last += 1;
    const answer = deferred<readonly AnyPart[]>();
    this.#asked.set(this.#last, answer);
    tell({ type: "ask", number: this.#last, ...wanted });
    return answer.promise;
  }

  /** Undefined while there is nothing to say. */
  #part(question: AdminQuestion | undefined): Promise<AnyPart> | undefined {
    if (question === undefined) return this.report?.();
    const { index } = this;
    return this.answer?.(question).then((admin) => ({ index, admin }));
  }

  #onOrder(order: Order): void {
    switch (order.type) {
      case "stop":
        this.#stop.abort(order.signal);
        return;
      case "reload":
        this.onReload?.();
        return;
      case "report":
        void this.#part(order.question)?.then((part) => {
          tell({ type: "part", number: order.number, part });
        });
        return;
      case "parts":
        this.#asked.get(order.number)?.resolve(order.parts);
        this.#asked.delete(order.number);
    }
  }
}

/** Joins the other workers. A terminal, and systemd, send their signals to every process: one is enough. */
export async function joinWorkers(
  options: SignalOptions,
  { index, size, directory }: Assignment,
  logger: Logger,
): Promise<WorkerLink> {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      stop.abort(name);
    });
  }
  process.on("SIGHUP", () => undefined);
  const largest = (options.limits.maxFrameBytes ?? 0) + frameRoomBytes;
  const maxMessageBytes = Math.max(minMessageBytes, largest);
  const maxQueuedBytes = Math.max(67_108_864, 4 * maxMessageBytes);
  const mesh = { directory, index, size, maxMessageBytes, maxQueuedBytes, logger };
  return new Link(index, await openMesh(mesh), stop);
}

function tell(news: News): void {
  if (process.connected) process.send?.(news);
}
