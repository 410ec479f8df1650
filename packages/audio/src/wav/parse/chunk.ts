/** A RIFF chunk: four characters, a size, and that many bytes. */
export interface Chunk {
  readonly id: string;
  /** Bytes of its body. */
  readonly size: number;
  /** Of its first byte, the id, from the start of the file. */
  readonly offset: number;
}

export const chunkHeaderBytes = 8;

export function sizeOffset(chunk: Chunk): number {
  return chunk.offset + 4;
}

export function bodyOffset(chunk: Chunk): number {
  return chunk.offset + chunkHeaderBytes;
}

export function readId(bytes: Uint8Array, offset: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + 4));
}

/** An id for a message: in quotes, with what does not print as hex. */
export function showId(id: string): string {
  const text = id.replaceAll(
    /[^ -~]/g,
    (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return `"${text}"`;
}

// Chunks seen in the wild; used only to guess whether a pad byte is there.
const knownIds = new Set(
  "fmt |data|LIST|list|JUNK|junk|fact|bext|cue |smpl|inst|plst|labl|iXML|axml|chna|cart|PEAK|ds64|id3 |ID3 |_PMX|FLLR|PAD |umid|levl|link|DISP|ubxt|regn|acid|strc|MEXT".split(
    "|",
  ),
);

/**
 * Whether a pad byte follows a chunk of odd size. `bytes` holds the five bytes after it. The standard demands one
 * (RIFF specification, 1991, section 2), but some writers leave it out; their files are told by an id at once.
 */
export function hasPadByte(bytes: Uint8Array): boolean {
  const atOnce = readId(bytes, 0);
  const afterPad = readId(bytes, 1);
  if (knownIds.has(afterPad)) return true;
  if (knownIds.has(atOnce)) return false;
  const prints = /^[ -~]{4}$/;
  return !prints.test(atOnce) || prints.test(afterPad);
}
