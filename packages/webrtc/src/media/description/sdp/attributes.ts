import { invalidDescription } from "./text.js";

/** Values of each attribute, in order; a flag has the value "". */
export type Attributes = ReadonlyMap<string, readonly string[]>;

export function readAttributes(lines: readonly string[]): Attributes {
  const attributes = new Map<string, string[]>();
  for (const line of lines) {
    const name = attributeName(line);
    if (name === undefined) continue;
    const value = line.slice(name.length + 3).trim();
    const values = attributes.get(name);
    if (values === undefined) attributes.set(name, [value]);
    else values.push(value);
  }
  return attributes;
}

/** Undefined for a line that is no attribute. */
export function attributeName(line: string): string | undefined {
  if (!line.startsWith("a=")) return undefined;
  const colon = line.indexOf(":");
  return (colon === -1 ? line.slice(2) : line.slice(2, colon)).trim();
}

/** An m= line (RFC 8866 section 5.14). */
export interface MediaLine {
  readonly kind: string;
  readonly port: number;
  readonly proto: string;
  readonly formats: readonly string[];
}

export function parseMediaLine(line: string): MediaLine {
  const match = /^m=([\w.+-]+) (\d{1,5})(?:\/\d+)? ([\w./+-]+) (\S.*)$/.exec(line);
  const [, kind, portText, proto, formats] = match ?? [];
  const port = Number(portText);
  if (kind === undefined || proto === undefined || formats === undefined || port > 65_535) {
    throw invalidDescription("the description has a media section with an unreadable m= line");
  }
  return { kind, port, proto, formats: formats.trim().split(/ +/) };
}

export function writeMediaLine({ kind, port, proto, formats }: MediaLine): string {
  return `m=${kind} ${port} ${proto} ${formats.join(" ")}`;
}
