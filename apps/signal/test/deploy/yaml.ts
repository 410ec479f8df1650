/** What YAML of the deployment files may hold: maps, lists, and text; a flow list is read as JSON. */
export type Yaml = string | readonly Yaml[] | { readonly [key: string]: Yaml };

interface Line {
  readonly indent: number;
  readonly text: string;
  readonly number: number;
}

function fail({ number, text }: Line, why: string): never {
  throw new SyntaxError(`line ${number}: ${why}: ${text}`);
}

function linesOf(source: string): Line[] {
  const all = source.split("\n").map((raw, i): Line => {
    const text = raw.trimStart();
    return { indent: raw.length - text.length, text: text.trimEnd(), number: i + 1 };
  });
  const tab = all[source.split("\n").findIndex((raw) => raw.includes("\t"))];
  if (tab !== undefined) fail(tab, "a tab");
  return all.filter(({ text }) => text !== "" && !text.startsWith("#"));
}

function scalar(line: Line, text: string): Yaml {
  if (/^["[]/.test(text)) return JSON.parse(text) as Yaml;
  if (/^['&*!|{%@`]|: |:$| #/.test(text)) fail(line, "not in the part of YAML that is used here");
  return text;
}

/** Text folded over the lines that are further in. */
function folded(lines: Line[], outer: number): string {
  const parts: string[] = [];
  while (lines[0] !== undefined && lines[0].indent > outer) parts.push(lines.shift()?.text ?? "");
  return parts.join(" ");
}

function list(lines: Line[], indent: number): Yaml[] {
  const items: Yaml[] = [];
  for (let [line] = lines; line?.indent === indent; [line] = lines) {
    if (!line.text.startsWith("- ")) fail(line, "not an item of the list");
    lines.shift();
    const text = line.text.slice(2);
    items.push(text === ">-" ? folded(lines, indent) : scalar(line, text));
  }
  return items;
}

function map(lines: Line[], indent: number): { readonly [key: string]: Yaml } {
  const found = new Map<string, Yaml>();
  for (let [line] = lines; line?.indent === indent; [line] = lines) {
    const groups = /^(?<key>[\w-]+):(?: (?<value>.+))?$/.exec(line.text)?.groups;
    const key = groups?.["key"] ?? fail(line, "not a member of the map");
    if (found.has(key)) fail(line, "a key that was there before");
    lines.shift();
    const value = groups?.["value"];
    found.set(key, value === undefined ? block(lines, line) : scalar(line, value));
  }
  return Object.fromEntries(found);
}

function block(lines: Line[], parent: Line): Yaml {
  const [first] = lines;
  if (first === undefined || first.indent <= parent.indent) fail(parent, "without a value");
  return first.text.startsWith("- ") ? list(lines, first.indent) : map(lines, first.indent);
}

/** @throws SyntaxError with the line, also for YAML that is right but beyond this part of it. */
export function parseYaml(source: string): { readonly [key: string]: Yaml } {
  const lines = linesOf(source);
  const value = map(lines, 0);
  const [rest] = lines;
  if (rest !== undefined) fail(rest, "indented by too much or too little");
  return value;
}
