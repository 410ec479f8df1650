import { generateAudioHelp } from "./generate-audio/help.js";
import { runGenerateAudio } from "./generate-audio/run.js";
import { exitCodes, type CommandIo } from "./io.js";

const help = `Audio tools of Conic.

Usage: conic-media <command> [options]

Commands:
  generate-audio  write a WAV file with a test tone

Options:
  --help     show this text, or that of a command
  --version  show the version`;

/** Runs the command that `argv` names, without the program itself; returns the exit code. Never throws. */
export async function run(
  argv: readonly string[],
  io: CommandIo,
  version: string,
): Promise<number> {
  const [command, ...rest] = argv;
  if (command === "--version" || (command === "generate-audio" && asksFor(rest, "--version"))) {
    io.stdout(version);
    return exitCodes.ok;
  }
  if (command === "--help" || command === "-h") {
    io.stdout(help);
    return exitCodes.ok;
  }
  if (command !== "generate-audio") {
    const what = command === undefined ? "a command is missing" : `unknown command '${command}'`;
    io.stderr(`conic-media: ${what}; see --help`);
    return exitCodes.usage;
  }
  if (asksFor(rest, "--help") || asksFor(rest, "-h")) {
    io.stdout(generateAudioHelp);
    return exitCodes.ok;
  }
  return runGenerateAudio(rest, io);
}

function asksFor(argv: readonly string[], flag: string): boolean {
  return argv.includes(flag);
}
