import type { Flag, Flags } from "./flags.js";

export interface HelpText {
  readonly usage: string;
  readonly summary: string;
  readonly flags: Flags;
  /** What may stand as the first argument. */
  readonly commands?: readonly { readonly name: string; readonly summary: string }[];
  /** Lines below the flags: examples, exit codes. */
  readonly footer?: readonly string[];
}

type Row = readonly [term: string, help: string];

function flagTerm(name: string, flag: Flag): string {
  if (flag.type === "boolean") return `--${name}`;
  const placeholder = flag.placeholder ?? (flag.type === "number" ? "N" : "TEXT");
  return `--${name}=${placeholder}`;
}

function flagHelp(flag: Flag): string {
  const notes: string[] = [];
  if ("choices" in flag) notes.push(flag.choices.join(" | "));
  if (flag.type !== "boolean" && flag.default !== undefined) notes.push(`default ${flag.default}`);
  if (flag.env !== undefined) notes.push(flag.env);
  return notes.length === 0 ? flag.help : `${flag.help} (${notes.join("; ")})`;
}

function section(title: string, rows: readonly Row[]): string[] {
  const width = Math.max(...rows.map(([term]) => term.length)) + 2;
  return ["", `${title}:`, ...rows.map(([term, help]) => `  ${term.padEnd(width)}${help}`)];
}

/** The text of `--help`. */
export function formatHelp(text: HelpText): string {
  const commands = (text.commands ?? []).map(({ name, summary }): Row => [name, summary]);
  const flags = Object.entries(text.flags).map(([name, flag]): Row => {
    return [flagTerm(name, flag), flagHelp(flag)];
  });
  flags.push(["-h, --help", "Show this help"], ["-V, --version", "Show the version"]);
  const lines = [`Usage: ${text.usage}`, "", text.summary];
  if (commands.length > 0) lines.push(...section("Commands", commands));
  lines.push(...section("Options", flags));
  if (text.footer !== undefined) lines.push("", ...text.footer);
  return `${lines.join("\n")}\n`;
}
