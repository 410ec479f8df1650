import cluster, { type Worker } from "node:cluster";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { deferred, systemClock, type Deferred, type Logger } from "@conic/domain";
import { ExitError, exitCodes, type ExitCode } from "@conic/internal-cli";
import type { AdminQuestion } from "../admin/combined.js";
import { freePort } from "../listen.js";
import type { SignalOptions } from "../options.js";
import { Inquiries } from "./inquiries.js";
import {
  assignmentVariable,
  isMessage,
  type AnyPart,
  type Assignment,
  type News,
  type Order,
} from "./messages.js";
import { Restarts } from "./restarts.js";

/** Beyond the time that its clients have, for a worker to end by itself. */
const graceMs = 3000;

interface Seat {
  readonly index: number;
  readonly restarts: Restarts;
  worker: Worker | undefined;
  startedAtMs: number;
  cancelRestart: () => void;
}

/** Starts the workers, starts those again that die, and hands on what comes from outside. Serves nobody itself. */
export class Supervisor {
  readonly #options: SignalOptions;
  readonly #logger: Logger;
  readonly #seats: readonly Seat[];
  readonly #inquiries = new Inquiries<AnyPart>(systemClock);
  readonly #gone: Deferred<void> = deferred<void>();
  #assignment: Omit<Assignment, "index"> | undefined;
  #started = false;
  #stopping = false;

  constructor(options: SignalOptions, logger: Logger) {
    this.#options = options;
    this.#logger = logger;
    this.#seats = Array.from({ length: options.workers }, (_, index) => ({
      index,
      restarts: new Restarts(),
      worker: undefined,
      startedAtMs: 0,
      cancelRestart: () => undefined,
    }));
  }

  /**
   * Resolves when all workers serve, with where clients connect.
   * @throws ExitError when one cannot, with its exit code; it has said why.
   */
  async start(): Promise<string> {
    const { host, port, metrics, workers: size } = this.#options;
    const own = metrics?.own;
    this.#assignment = {
      size,
      directory: await mkdtemp(path.join(tmpdir(), "conic-signal-")),
      port: await freePort({ host, port }),
      metricsPort: own === undefined ? undefined : await freePort(own, "metrics-"),
    };
    try {
      const [first, ...rest] = this.#seats;
      if (first === undefined) throw new Error("there is no worker to start");
      // Alone: what keeps one from listening keeps all, and is to be said once.
      const url = await this.#launch(first);
      await Promise.all(rest.map((seat) => this.#launch(seat)));
      this.#started = true;
      return url;
    } catch (error) {
      await this.stop("SIGTERM");
      throw error;
    }
  }

  reload(): void {
    this.#tellAll({ type: "reload" });
  }

  /** Has all workers say goodbye to their clients; resolves when they are gone. */
  async stop(signal: string): Promise<void> {
    this.#stopping = true;
    for (const seat of this.#seats) seat.cancelRestart();
    this.#tellAll({ type: "stop", signal });
    const { drainMs, shutdownTimeoutMs } = this.#options;
    const timer = setTimeout(
      () => {
        this.#logger.warn({}, "some workers did not end in time");
        this.kill();
      },
      drainMs + shutdownTimeoutMs + graceMs,
    );
    this.#checkGone();
    await this.#gone.promise;
    clearTimeout(timer);
    const directory = this.#assignment?.directory;
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  }

  /** Now. */
  kill(): void {
    for (const { worker } of this.#seats) worker?.process.kill("SIGKILL");
  }

  /** Resolves to its URL when it listens. */
  #launch(seat: Seat): Promise<string> {
    const ready = deferred<string>();
    const assignment = JSON.stringify({ ...this.#assignment, index: seat.index });
    const worker = cluster.fork({ [assignmentVariable]: assignment });
    seat.worker = worker;
    seat.startedAtMs = performance.now();
    worker.on("message", (message: unknown) => {
      if (isMessage(message)) this.#onNews(seat, message as News, ready);
    });
    // A message to one that dies in this moment.
    worker.on("error", (error) => {
      this.#logger.debug({ err: error, worker: seat.index }, "a worker did not take a message");
    });
    worker.once("exit", (code, signal) => {
      this.#onExit(seat, code, signal, ready);
    });
    return ready.promise;
  }

  #onNews(seat: Seat, news: News, ready: Deferred<string>): void {
    switch (news.type) {
      case "listening": {
        const { pid: processId } = seat.worker?.process ?? {};
        this.#logger.info({ worker: seat.index, processId }, "a worker serves");
        ready.resolve(news.url);
        return;
      }
      case "ask":
        this.#inquire(seat, news.number, news.question);
        return;
      case "part":
        this.#inquiries.add(news.number, news.part);
    }
  }

  #inquire(asker: Seat, number: number, question: AdminQuestion | undefined): void {
    const asked = this.#seats.filter(({ worker }) => worker?.isConnected() === true);
    const indexes = asked.map(({ index }) => index);
    const inquiry = this.#inquiries.open(indexes, (parts) => {
      this.#tell(asker, { type: "parts", number, parts });
    });
    const wanted = question === undefined ? {} : { question };
    for (const seat of asked) this.#tell(seat, { type: "report", number: inquiry, ...wanted });
  }

  #onExit(seat: Seat, code: number, signal: string, ready: Deferred<string>): void {
    seat.worker = undefined;
    this.#inquiries.lose(seat.index);
    const fields = { worker: seat.index, code, signal };
    if (!this.#started) {
      const known = Object.values(exitCodes).find((one) => one === code);
      const exitCode: ExitCode = known === undefined || known === 0 ? exitCodes.failure : known;
      ready.reject(new ExitError(exitCode, "the workers cannot start"));
    } else if (!this.#stopping) {
      const delayMs = seat.restarts.nextMs(performance.now() - seat.startedAtMs);
      this.#logger.error({ ...fields, delayMs }, "a worker died; another one takes its place");
      seat.cancelRestart = systemClock.schedule(delayMs, () => {
        this.#launch(seat).catch(() => undefined);
      });
    } else this.#logger.debug(fields, "a worker has ended");
    this.#checkGone();
  }

  #checkGone(): void {
    if (this.#stopping && this.#seats.every(({ worker }) => worker === undefined)) {
      this.#gone.resolve();
    }
  }

  #tellAll(order: Order): void {
    for (const seat of this.#seats) this.#tell(seat, order);
  }

  #tell({ worker }: Seat, order: Order): void {
    if (worker?.isConnected() === true) worker.send(order);
  }
}
