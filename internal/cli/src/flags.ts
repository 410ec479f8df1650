import { parseArgs } from "node:util";
import { ExitError, exitCodes } from "./exit-codes.js";

interface FlagBase {
  /** One line for `--help`. */
  readonly help: string;
  /** Environment variable that is used when the flag is not given. */
  readonly env?: string;
  /** What stands for the value in `--help`. */
  readonly placeholder?: string;
}

export interface StringFlag extends FlagBase {
  readonly type: "string";
  readonly default?: string;
  /** The only values allowed. */
  readonly choices?: readonly string[];
}

export interface NumberFlag extends FlagBase {
  readonly type: "number";
  readonly default?: number;
  readonly min: number;
  readonly max: number;
  /** Default true. */
  readonly integer?: boolean;
}

export interface BooleanFlag extends FlagBase {
  readonly type: "boolean";
}

export type Flag = StringFlag | NumberFlag | BooleanFlag;
export type Flags = Readonly<Record<string, Flag>>;

type Given<F extends Flag> = F extends BooleanFlag
  ? boolean
  : F extends NumberFlag
    ? number
    : F extends { readonly choices: readonly (infer C)[] }
      ? C
      : string;

type FlagValue<F extends Flag> = F extends BooleanFlag | { readonly default: string | number }
  ? Given<F>
  : Given<F> | undefined;

export type FlagValues<T extends Flags> = { readonly [K in keyof T]: FlagValue<T[K]> };

export interface ParsedCommandLine<T extends Flags> {
  readonly values: FlagValues<T>;
  readonly positionals: readonly string[];
  readonly help: boolean;
  readonly version: boolean;
}

function usageError(message: string): ExitError {
  return new ExitError(exitCodes.usage, `${message}; try --help`);
}

function parseNumber(name: string, flag: NumberFlag, text: string): number {
  const value = /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN;
  const kind = flag.integer === false ? "a number" : "a whole number";
  const wrongKind = Number.isNaN(value) || (flag.integer !== false && !Number.isInteger(value));
  if (wrongKind || value < flag.min || value > flag.max) {
    throw usageError(`${name} is ${kind} from ${flag.min} to ${flag.max}, not "${text}"`);
  }
  return value;
}

function parseBoolean(name: string, text: string): boolean {
  if (["1", "true", "yes", "on"].includes(text.toLowerCase())) return true;
  if (["0", "false", "no", "off", ""].includes(text.toLowerCase())) return false;
  throw usageError(`${name} is true or false, not "${text}"`);
}

function parseValue(name: string, flag: Flag, text: string): string | number | boolean {
  switch (flag.type) {
    case "number":
      return parseNumber(name, flag, text);
    case "boolean":
      return parseBoolean(name, text);
    case "string":
      if (flag.choices !== undefined && !flag.choices.includes(text)) {
        throw usageError(`${name} is one of ${flag.choices.join(", ")}, not "${text}"`);
      }
      return text;
  }
}

/** What node:util says of a wrong command line, without its advice for programmers. */
function explain(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const unknown = /Unknown option '([^']+)'/.exec(message)?.[1];
  if (unknown !== undefined) return `there is no option ${unknown}`;
  return message.split(". ")[0] ?? message;
}

/**
 * Reads flags from the command line, then from the environment, then from their defaults. `--help` and `--version`
 * exist always. @throws ExitError with code 2 and one line that says what is wrong.
 */
export function parseCommandLine<const T extends Flags>(
  flags: T,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ParsedCommandLine<T> {
  // "pnpm start -- --flag" passes the "--" on.
  const args = argv[0] === "--" ? argv.slice(1) : argv;
  const options: Record<string, { type: "string" | "boolean"; short?: string }> = {
    help: { type: "boolean", short: "h" },
    version: { type: "boolean", short: "V" },
  };
  for (const [name, flag] of Object.entries(flags)) {
    options[name] = { type: flag.type === "boolean" ? "boolean" : "string" };
  }
  let parsed: { values: Record<string, unknown>; positionals: string[] };
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw usageError(explain(error));
  }
  const help = parsed.values["help"] === true;
  const version = parsed.values["version"] === true;
  const values: Record<string, unknown> = {};
  for (const [name, flag] of Object.entries(flags)) {
    values[name] = valueOf(name, flag, parsed.values[name], env);
  }
  return { values: values as FlagValues<T>, positionals: parsed.positionals, help, version };
}

function valueOf(
  name: string,
  flag: Flag,
  given: unknown,
  env: Readonly<Record<string, string | undefined>>,
): unknown {
  if (typeof given === "string") return parseValue(`--${name}`, flag, given);
  if (typeof given === "boolean") return given;
  const fromEnv = flag.env === undefined ? undefined : env[flag.env];
  if (flag.env !== undefined && fromEnv !== undefined && fromEnv !== "") {
    return parseValue(flag.env, flag, fromEnv);
  }
  return flag.type === "boolean" ? false : flag.default;
}
