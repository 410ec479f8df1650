/**
 * Text of others as it may be shown: control characters, which could move the cursor or forge lines, and characters
 * that reverse the reading direction are made visible.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    if (character === "\n") return "\n    ";
    if (character === "\t") return "  ";
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
  });
}
