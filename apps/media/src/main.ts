#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { run } from "./run.js";

const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
const { version } = JSON.parse(manifest) as { version: string };

const interrupt = new AbortController();
const stop = (): void => {
  interrupt.abort();
};
process.once("SIGINT", stop);
process.once("SIGTERM", stop);

// Not process.exit(): what was printed may still be on its way.
process.exitCode = await run(
  process.argv.slice(2),
  {
    cwd: process.cwd(),
    env: process.env,
    stdout: (line) => {
      console.log(line);
    },
    stderr: (line) => {
      console.error(line);
    },
    signal: interrupt.signal,
  },
  version,
);
process.off("SIGINT", stop);
process.off("SIGTERM", stop);
