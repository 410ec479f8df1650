const encoder = new TextEncoder();

/** Where counting in JavaScript begins to take longer than encoding. */
const longText = 512;

/** Bytes of a text in UTF-8, in which what is no character counts as U+FFFD. */
export function textBytes(text: string): number {
  if (text.length > longText) return encoder.encode(text).byteLength;
  let bytes = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 ? 1 : 2;
    // Two units of a pair are four bytes together.
    if (isHigh(unit) && isLow(text.charCodeAt(index + 1))) index += 1;
  }
  return bytes;
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}
