#!/usr/bin/env node
import { readFileSync } from "node:fs";
import {
  formatHelp,
  joinRepeated,
  keepCompiledCode,
  parseCommandLine,
  runMain,
  stopSignal,
  usageError,
} from "@conic/internal-cli";
import { commandHelp } from "./chat/commands.js";
import { flags } from "./options.js";

const footer = [
  "Commands at the prompt:",
  ...commandHelp.map((line) => `  ${line}`),
  "",
  "Without a terminal on stdin:",
  "  echo hello | conic-datachannel --target=<id>   each line is one message",
  "  conic-datachannel < commands.txt               each line is a command",
  "",
  "Exit codes: 0 done, 1 failure, 2 wrong usage, 3 server unreachable, 4 peer unknown, gone or unreachable",
];

function version(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

keepCompiledCode();
await runMain("conic-datachannel", async () => {
  const {
    values,
    positionals,
    help,
    version: wantsVersion,
  } = parseCommandLine(flags, joinRepeated(process.argv.slice(2), "--ice-server"), process.env);
  if (help) {
    const usage = "conic-datachannel [--role=offer|answer] [--addr=HOST:PORT] [options]";
    const summary = "Peer-to-peer chat over WebRTC data channels.";
    process.stdout.write(formatHelp({ usage, summary, flags, footer }));
    return;
  }
  if (wantsVersion) {
    process.stdout.write(`${version()}\n`);
    return;
  }
  const io = {
    input: process.stdin,
    output: process.stdout,
    error: process.stderr,
    env: process.env,
    cwd: process.cwd(),
  };
  // A reader that went away, such as "| head" or a closed terminal, ends the chat, but not without a goodbye.
  const unread = new AbortController();
  process.stdout.on("error", () => {
    unread.abort();
  });
  process.stderr.on("error", () => undefined);
  const stop = AbortSignal.any([stopSignal(), unread.signal]);
  if (positionals.length > (values.target === undefined ? 1 : 0)) {
    throw usageError(`there is nothing to do with "${positionals.at(-1) ?? ""}"`);
  }
  const target = values.target ?? positionals[0];
  if (target !== undefined && values.room !== undefined) {
    throw usageError("give a target or a --room, not both");
  }
  // Loaded only now: `--help` needs none of it.
  const { run } = await import("./app.js");
  return run(target === undefined ? values : { ...values, target }, io, stop);
});
