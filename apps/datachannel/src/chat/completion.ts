import { commandNames } from "./commands.js";

export interface Vocabulary {
  readonly peers: readonly string[];
  readonly labels: readonly string[];
  readonly rooms: readonly string[];
}

/** Tab completion: the words that the last word of the line may become, and that word. */
export function complete(line: string, words: Vocabulary): [string[], string] {
  const match = /^(\/?)(\S*)(\s+)?(\S*)?(\s)?/.exec(line);
  const [, slash = "", first = "", gap, second = "", after] = match ?? [];
  if (gap === undefined) {
    const hits = commandNames
      .filter((name) => name.startsWith(first))
      .map((name) => `${slash}${name} `);
    return [hits, line];
  }
  if (after !== undefined) return [[], line];
  const known: Readonly<Record<string, readonly string[]>> = {
    offer: words.peers,
    send: words.labels,
    join: words.rooms,
    leave: words.rooms,
  };
  const candidates = Object.hasOwn(known, first) ? (known[first] ?? []) : [];
  const hits = [...new Set(candidates)].filter((word) => word.startsWith(second));
  return [hits.map((word) => (hits.length === 1 ? `${word} ` : word)), second];
}
