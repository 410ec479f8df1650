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

/**
 * How many keys the outermost object is written with, equal ones counted each time; at depth 2, all objects that are
 * values of its members together.
 */
export function countMembers(text: string, at: 1 | 2 = 1): number {
  let members = 0;
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charCodeAt(i);
    if (char === quote) i = closingQuote(text, i);
    else if (char === colon) members += depth === at ? 1 : 0;
    else depth = depthAfter(depth, char);
  }
  return members;
}

/** Where the value of `key`, which is a string, stands in the outermost object. */
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
      found = JSON.parse(text.slice(last.start, last.end)) === key;
    } else depth = depthAfter(depth, char);
  }
  return undefined;
}
