// JSON.parse keeps the last of two equal keys and says nothing about where a value stood. These functions answer
// from the text itself. They expect text that JSON.parse has accepted as an object, and read each character once.

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const openBrace = 0x7b;
const openBracket = 0x5b;
const closeBrace = 0x7d;
const closeBracket = 0x5d;

/** A string token in a text, quotes included: `text.slice(start, end)`. */
export interface Token {
  readonly start: number;
  readonly end: number;
}

function isEscaped(text: string, index: number): boolean {
  let before = index - 1;
  while (text.charCodeAt(before) === backslash) before -= 1;
  return (index - before) % 2 === 0;
}

/** Index of the closing quote of the string that opens at `open`. */
function closingQuote(text: string, open: number): number {
  let close = text.indexOf('"', open + 1);
  while (close !== -1 && isEscaped(text, close)) close = text.indexOf('"', close + 1);
  return close === -1 ? text.length : close;
}

/** How deep the nesting is after this character, outside of strings. */
function depthAfter(depth: number, char: number): number {
  if (char === openBrace || char === openBracket) return depth + 1;
  if (char === closeBrace || char === closeBracket) return depth - 1;
  return depth;
}

/** How the keys of an object are written. */
export interface WrittenKeys {
  /** Equal ones counted each time. */
  readonly count: number;
  /** Whether one is written with a backslash escape. */
  readonly escaped: boolean;
}

/** The keys of the outermost object; at depth 2, those of all objects that are values of its members together. */
export function writtenKeys(text: string, at: 1 | 2 = 1): WrittenKeys {
  let count = 0;
  let escaped = false;
  let depth = 0;
  let open = 0;
  let close = 0;
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charCodeAt(i);
    if (char === quote) {
      open = i;
      close = closingQuote(text, i);
      i = close;
    } else if (char === colon && depth === at) {
      count += 1;
      escaped ||= text.slice(open, close).includes("\\");
    } else depth = depthAfter(depth, char);
  }
  return { count, escaped };
}

/** Where the value of `key`, which is a string, stands in the outermost object; keys are written without escapes. */
export function findStringValue(text: string, key: string): Token | undefined {
  let depth = 0;
  let last: Token = { start: 0, end: 0 };
  let found = false;
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charCodeAt(i);
    if (char === quote) {
      last = { start: i, end: closingQuote(text, i) + 1 };
      if (found) return last;
      i = last.end - 1;
    } else if (char === colon && depth === 1) {
      found = text.slice(last.start + 1, last.end - 1) === key;
    } else depth = depthAfter(depth, char);
  }
  return undefined;
}
