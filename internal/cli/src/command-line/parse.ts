import { parseArgs } from "node:util";
import { usageError } from "../exit-codes.js";
import type { Flag, Flags, FlagValues } from "./flags.js";
import { isNumeric, parseValue } from "./values.js";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ParsedCommandLine<T extends Flags> {
  readonly values: FlagValues<T>;
  readonly positionals: readonly string[];
  readonly help: boolean;
  readonly version: boolean;
}

/** `pnpm start -- --flag` passes the `--` on. */
export function withoutSeparator(argv: readonly string[]): readonly string[] {
  return argv[0] === "--" ? argv.slice(1) : argv;
}

/**
 * Reads flags from the command line, then from the environment, then from their defaults. The last of a repeated flag
 * counts. `--help` and `--version` exist always; with one of them nothing else is judged, and `values` are the defaults.
 * @throws ExitError with code 2 and one line that says what is wrong.
 */
export function parseCommandLine<const T extends Flags>(
  flags: T,
  argv: readonly string[],
  env: Environment,
): ParsedCommandLine<T> {
  const { given, positionals } = readArguments(flags, withoutSeparator(argv));
  const help = given.some(({ name }) => name === "help");
  const version = given.some(({ name }) => name === "version");
  const judged = help || version ? new Map<string, string>() : checked(flags, given);
  const environment = help || version ? {} : env;
  const values = Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [
      name,
      valueOf(name, flag, judged.get(name), environment),
    ]),
  );
  return { values: values as FlagValues<T>, positionals, help, version };
}

interface GivenFlag {
  readonly name: string;
  /** As on the command line, such as `-x` or `--name`. */
  readonly rawName: string;
  readonly value: string | undefined;
  /** Whether the value came after a `=`. */
  readonly inline: boolean;
}

/** Without judging: the messages of node:util differ between versions of Node and advise programmers. */
function readArguments(
  flags: Flags,
  args: readonly string[],
): { given: GivenFlag[]; positionals: string[] } {
  const options: Record<string, { type: "string" | "boolean"; short?: string }> = {
    help: { type: "boolean", short: "h" },
    version: { type: "boolean", short: "V" },
  };
  for (const [name, flag] of Object.entries(flags)) {
    options[name] = { type: flag.type === "boolean" ? "boolean" : "string" };
  }
  const { tokens, positionals } = parseArgs({
    args: [...args],
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const given = tokens
    .filter((token) => token.kind === "option")
    .map(({ name, rawName, value, inlineValue }): GivenFlag => {
      return { name, rawName, value, inline: inlineValue === true };
    });
  return { given, positionals };
}

/** The texts by flag. */
function checked(flags: Flags, given: readonly GivenFlag[]): Map<string, string> {
  const texts = new Map<string, string>();
  for (const one of given) {
    const flag = Object.hasOwn(flags, one.name) ? flags[one.name] : undefined;
    if (flag === undefined) throw usageError(`there is no option ${one.rawName}`);
    texts.set(one.name, textOf(flag, one));
  }
  return texts;
}

function textOf(flag: Flag, { rawName, value, inline }: GivenFlag): string {
  if (flag.type === "boolean") return value ?? "true";
  if (value === undefined) throw usageError(`${rawName} needs a value`);
  // "--output --freq 3" is a value forgotten rather than a file of that name.
  const looksLikeFlag = !inline && value.startsWith("-") && value !== "-";
  if (looksLikeFlag && !(flag.type === "number" && isNumeric(value))) {
    throw usageError(
      `${rawName} needs a value; one that begins with a dash is ${rawName}=${value}`,
    );
  }
  return value;
}

function valueOf(
  name: string,
  flag: Flag,
  text: string | undefined,
  env: Environment,
): string | number | boolean | undefined {
  if (text !== undefined) return parseValue(`--${name}`, flag, text);
  const fromEnv = flag.env === undefined ? undefined : env[flag.env];
  if (flag.env !== undefined && fromEnv !== undefined && fromEnv !== "") {
    return parseValue(flag.env, flag, fromEnv);
  }
  return flag.type === "boolean" ? false : flag.default;
}
