import { parseCommandLine, withoutSeparator, type Environment } from "./command-line/parse.js";
import { exitCodes, usageError, type ExitCode } from "./exit-codes.js";
import type { Flags, FlagValues } from "./command-line/flags.js";
import { formatHelp } from "./command-line/help.js";
import { stopSignal, type SignalSource } from "./stop-signal.js";

/** What a command sees of the process that runs it. */
export interface CommandIo {
  readonly cwd: string;
  readonly env: Environment;
  /** Writes one line, or several with line breaks between them, to stdout. */
  readonly print: (text: string) => void;
  /** Fires when the user wants the command to stop. */
  readonly signal?: AbortSignal | undefined;
}

export interface CommandSpec<T extends Flags> {
  /** The first argument. */
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  readonly flags: T;
  /** Names of the arguments that it takes beside flags, such as `TARGET`; default none. Each may be left out. */
  readonly positionals?: readonly string[];
  /** Lines below the flags in `--help`. */
  readonly footer?: readonly string[];
  /** @throws ExitError for what the user can mend. */
  run(
    values: FlagValues<T>,
    io: CommandIo,
    positionals: readonly string[],
  ): Promise<ExitCode | void>;
}

/** One command of a program that has several, its flags hidden. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Runs it with what follows its name on the command line. @throws ExitError. */
  run(program: Program, argv: readonly string[], io: CommandIo): Promise<ExitCode>;
}

/** A program whose first argument names what it does. */
export interface Program {
  /** As the user calls it, such as `conic-media`. */
  readonly name: string;
  readonly summary: string;
  readonly version: string;
  readonly commands: readonly Command[];
}

/** A command whose `--help`, `--version` and flags are dealt with before its own `run` is called. */
export function defineCommand<const T extends Flags>(spec: CommandSpec<T>): Command {
  const { name, summary, flags, footer } = spec;
  const names = spec.positionals ?? [];
  return {
    name,
    summary,
    async run(program, argv, io) {
      const { values, positionals, help, version } = parseCommandLine(flags, argv, io.env);
      if (help) {
        const usage = [program.name, name, ...names.map((one) => `[${one}]`), "[options]"].join(
          " ",
        );
        const text = { usage, summary, flags };
        printText(io, formatHelp(footer === undefined ? text : { ...text, footer }));
        return exitCodes.ok;
      }
      if (version) return printVersion(program, io);
      const extra = positionals[names.length];
      if (extra !== undefined) throw usageError(`unexpected argument "${extra}"`);
      return (await spec.run(values, io, positionals)) ?? exitCodes.ok;
    },
  };
}

/** Runs the command that the first argument names. @throws ExitError with code 2 when there is none. */
export async function runCommand(
  program: Program,
  argv: readonly string[],
  io: CommandIo,
): Promise<ExitCode> {
  const [first, ...rest] = withoutSeparator(argv);
  if (first === undefined) throw usageError("a command is missing");
  const command = program.commands.find(({ name }) => name === first);
  if (command !== undefined) return command.run(program, rest, io);
  if (!first.startsWith("-")) throw usageError(`there is no command "${first}"`);
  const { help, version } = parseCommandLine({}, argv, io.env);
  if (help) {
    const { name, summary, commands } = program;
    const usage = `${name} <command> [options]`;
    const footer = [`Flags of a command: ${name} <command> --help`];
    printText(io, formatHelp({ usage, summary, flags: {}, commands, footer }));
    return exitCodes.ok;
  }
  if (version) return printVersion(program, io);
  throw usageError("a command is missing");
}

function printText(io: CommandIo, text: string): void {
  io.print(text.trimEnd());
}

function printVersion(program: Program, io: CommandIo): ExitCode {
  io.print(program.version);
  return exitCodes.ok;
}

/** What `processIo` needs of a process. */
export interface CommandHost extends SignalSource {
  readonly env: Environment;
  readonly stdout: NodeJS.WritableStream;
  cwd(): string;
}

/** The process itself; its stop signals are caught from now on. */
export function processIo(host: CommandHost = process): CommandIo {
  return {
    cwd: host.cwd(),
    env: host.env,
    print: (text) => {
      host.stdout.write(`${text}\n`);
    },
    signal: stopSignal(host),
  };
}
