/** Below this, a view of words costs more than it saves. */
const minWordBytes = 64;

/**
 * Takes the mask off `length` bytes of a client, in place: the four bytes at `maskAt` are the mask, the payload follows
 * (RFC 6455 section 5.3).
 */
export function unmask(buffer: Buffer, maskAt: number, length: number): void {
  const start = maskAt + 4;
  const end = start + length;
  let at = start;
  if (length >= minWordBytes) {
    // Up to where words of the underlying memory begin.
    while (((buffer.byteOffset + at) & 3) !== 0) at = unmaskByte(buffer, maskAt, start, at);
    const words = new Int32Array(buffer.buffer, buffer.byteOffset + at, (end - at) >>> 2);
    const mask = wordOf(buffer, maskAt, at - start);
    if (mask === 0) return;
    const count = words.length;
    // In range: the loop ends with the view.
    for (let index = 0; index < count; index += 1) words[index] = (words[index] as number) ^ mask;
    at += count * 4;
  }
  while (at < end) at = unmaskByte(buffer, maskAt, start, at);
}

function unmaskByte(buffer: Buffer, maskAt: number, start: number, at: number): number {
  // Both are in range: `at` is in the payload, and a mask has four bytes.
  buffer[at] = (buffer[at] as number) ^ (buffer[maskAt + ((at - start) & 3)] as number);
  return at + 1;
}

const word = new Uint8Array(4);
const asInt32 = new Int32Array(word.buffer);

/** The mask as a word in this machine's byte order, from its byte `shift` on. */
function wordOf(buffer: Buffer, maskAt: number, shift: number): number {
  for (let index = 0; index < 4; index += 1) {
    word[index] = buffer[maskAt + ((shift + index) & 3)] as number;
  }
  return asInt32[0] as number;
}
