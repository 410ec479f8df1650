#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { keepCompiledCode, processIo, runCommand, runMain } from "@conic/internal-cli";
import { mediaProgram } from "./program.js";

const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
const { version } = JSON.parse(manifest) as { version: string };
const terminal = { input: process.stdin, output: process.stdout, error: process.stderr };
const program = mediaProgram(version, terminal);

keepCompiledCode();
await runMain(program.name, () => runCommand(program, process.argv.slice(2), processIo()));
