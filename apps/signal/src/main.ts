#!/usr/bin/env node
import { EventEmitter, once } from "node:events";
import { createLogger, runMain, stopSignal } from "@conic/internal-cli";
import { mintToken } from "@conic/server";
import { startApp } from "./app.js";
import { readCommand, type Command, type SignalOptions } from "./options.js";
import { endOnUncaught, keepMessagesYoung } from "./process.js";
import { version } from "./version.js";
import { serveAsWorker, superviseWorkers } from "./workers/run.js";
import { readAssignment } from "./workers/worker.js";

async function serve(options: SignalOptions): Promise<void> {
  keepMessagesYoung();
  const logger = createLogger({ level: options.logLevel, format: options.logFormat });
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

async function run(command: Command): Promise<void> {
  switch (command.kind) {
    case "serve":
      await serve(command.options);
      return;
    case "help":
      process.stdout.write(command.text);
      return;
    case "version":
      process.stdout.write(`${version()}\n`);
      return;
    case "token":
      process.stdout.write(`${await mintToken(command.options)}\n`);
  }
}

await runMain("conic-signal", () => run(readCommand(process.argv.slice(2), process.env)));
