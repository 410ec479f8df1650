import type { Flag, Flags } from "./flags.js";

export interface HelpText {
  readonly usage: string;
  readonly summary: string;
  readonly flags: Flags;
  /** Lines below the flags: commands, examples, exit codes. */
  readonly footer?: readonly string[];
}

function flagTerm(name: string, flag: Flag): string {
  if (flag.type === "boolean") return `--${name}`;
  const placeholder = flag.placeholder ?? (flag.type === "number" ? "N" : "TEXT");
  return `--${name}=${placeholder}`;
}

function flagHelp(flag: Flag): string {
  const notes: string[] = [];
  if (flag.type === "string" && flag.choices !== undefined) notes.push(flag.choices.join(" | "));
  if (flag.type !== "boolean" && flag.default !== undefined) notes.push(`default ${flag.default}`);
  if (flag.env !== undefined) notes.push(flag.env);
  return notes.length === 0 ? flag.help : `${flag.help} (${notes.join("; ")})`;
}

/** The text of `--help`. */
export function formatHelp(text: HelpText): string {
  const rows = Object.entries(text.flags).map(([name, flag]): [string, string] => [
    flagTerm(name, flag),
    flagHelp(flag),
  ]);
  rows.push(["-h, --help", "Show this help"], ["-V, --version", "Show the version"]);
  const width = Math.max(...rows.map(([term]) => term.length)) + 2;
  const lines = rows.map(([term, help]) => `  ${term.padEnd(width)}${help}`);
  const footer = text.footer === undefined ? [] : ["", ...text.footer];
  return ["Usage: " + text.usage, "", text.summary, "", "Options:", ...lines, ...footer, ""].join(
    "\n",
  );
}
