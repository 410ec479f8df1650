#!/usr/bin/env node
import { once } from "node:events";
import { createLogger, runMain, stopSignal } from "@conic/internal-cli";
import { startApp } from "./app.js";
import { helpText, readCommand, type SignalOptions } from "./options.js";
import { endOnUncaught } from "./process.js";
import { version } from "./version.js";

async function serve(options: SignalOptions): Promise<void> {
  const logger = createLogger({ level: options.logLevel, format: options.logFormat });
  endOnUncaught(logger);
  const stop = stopSignal();
  const app = await startApp(options, logger);
  process.stdout.write(`Conic signaling server on ${app.url}\n`);
  if (!stop.aborted) await once(stop, "abort");
  logger.info({ signal: stop.reason as unknown }, "stopping");
  await app.close({ signal: AbortSignal.timeout(options.shutdownTimeoutMs) });
}

await runMain("conic-signal", async () => {
  const command = readCommand(process.argv.slice(2), process.env);
  if (command.kind === "serve") await serve(command.options);
  else process.stdout.write(command.kind === "help" ? helpText() : `${version()}\n`);
});
