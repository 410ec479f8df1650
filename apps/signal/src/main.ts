#!/usr/bin/env node
import { keepCompiledCode, runMain } from "@conic/internal-cli";
import { readCommand, type Command } from "./options.js";
import { version } from "./version.js";

async function run(command: Command): Promise<void> {
  switch (command.kind) {
    case "serve": {
      const { serve } = await import("./serve.js");
      await serve(command.options);
      return;
    }
    case "help":
      process.stdout.write(command.text);
      return;
    case "version":
      process.stdout.write(`${version()}\n`);
      return;
    case "token": {
      const { mintToken } = await import("@conic/server");
      process.stdout.write(`${await mintToken(command.options)}\n`);
    }
  }
}

keepCompiledCode();
await runMain("conic-signal", () => run(readCommand(process.argv.slice(2), process.env)));
