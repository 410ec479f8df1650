import cluster from "node:cluster";
import { once } from "node:events";
import type { Logger } from "@conic/domain";
import { stopSignal, type SignalSource } from "@conic/internal-cli";
import { startApp } from "../app.js";
import type { SignalOptions } from "../options.js";
import type { Assignment } from "./messages.js";
import { Supervisor } from "./supervisor.js";
import { assignedOptions, joinWorkers } from "./worker.js";

/** Runs the workers until a signal comes. @throws ExitError when they cannot start. */
export async function superviseWorkers(options: SignalOptions, logger: Logger): Promise<void> {
  const supervisor = new Supervisor(options, logger);
  const source: SignalSource = {
    on: (name, listener) => process.on(name, listener),
    exit: (code) => {
      supervisor.kill();
      process.exit(code);
    },
  };
  const reloads = options.tls !== undefined;
  const stop = reloads ? stopSignal(source, ["SIGINT", "SIGTERM"]) : stopSignal(source);
  if (reloads) {
    process.on("SIGHUP", () => {
      supervisor.reload();
    });
  }
  const url = await supervisor.start();
  process.stdout.write(`Conic signaling server on ${url}\n`);
  if (!stop.aborted) await once(stop, "abort");
  const signal = String(stop.reason);
  logger.info({ signal }, "stopping");
  await supervisor.stop(signal);
}

/** Serves as one of several, until the supervisor says that it is over. */
export async function serveAsWorker(
  options: SignalOptions,
  assignment: Assignment,
  parent: Logger,
): Promise<void> {
  const logger = parent.child({ worker: assignment.index });
  const link = await joinWorkers(options, assignment, logger);
  try {
    const app = await startApp(assignedOptions(options, assignment), logger, link);
    link.onReload = () => {
      app.reload();
    };
    link.listening(app.url);
    if (!link.stop.aborted) await once(link.stop, "abort");
    await app.drain();
    await app.close({ signal: AbortSignal.timeout(options.shutdownTimeoutMs) });
  } finally {
    await link.backplane.close();
    // What is left that keeps this process alive.
    cluster.worker?.disconnect();
  }
}
