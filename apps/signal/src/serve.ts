import { EventEmitter, once } from "node:events";
import { createLogger, stopSignal } from "@conic/internal-cli";
import { startApp } from "./app.js";
import type { SignalOptions } from "./options.js";
import { endOnUncaught, keepMessagesYoung } from "./process.js";
import { serveAsWorker, superviseWorkers } from "./workers/run.js";
import { readAssignment } from "./workers/worker.js";

/** Serves until a signal comes. Loaded only then: `--help` needs none of it. */
export async function serve(options: SignalOptions): Promise<void> {
  keepMessagesYoung();
  const logger = await createLogger({ level: options.logLevel, format: options.logFormat });
  endOnUncaught(logger);
  const assignment = readAssignment();
  if (assignment !== undefined) return serveAsWorker(options, assignment, logger);
  if (options.workers > 1) return superviseWorkers(options, logger);
  // Without TLS, there is nothing to read again: SIGHUP is a terminal that went away.
  const stop =
    options.tls === undefined ? stopSignal() : stopSignal(process, ["SIGINT", "SIGTERM"]);
  const reload = new EventEmitter();
  if (options.tls !== undefined) process.on("SIGHUP", () => reload.emit("reload"));
  const app = await startApp(options, logger);
  reload.on("reload", () => {
    app.reload();
  });
  process.stdout.write(`Conic signaling server on ${app.url}\n`);
  if (!stop.aborted) await once(stop, "abort");
  logger.info({ signal: stop.reason as unknown }, "stopping");
  await app.drain();
  await app.close({ signal: AbortSignal.timeout(options.shutdownTimeoutMs) });
}
