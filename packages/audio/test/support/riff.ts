/** Builds WAV files byte by byte, right and wrong ones, apart from the code under test. */

export function ascii(text: string): number[] {
  return Array.from(text, (char) => char.charCodeAt(0));
}

export function u16(value: number, big = false): number[] {
  const bytes = [value & 0xff, (value >>> 8) & 0xff];
  return big ? bytes.toReversed() : bytes;
}

export function u32(value: number, big = false): number[] {
  const bytes = [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);
  return big ? bytes.toReversed() : bytes;
}

export function u64(value: number): number[] {
  return [...u32(value % 2 ** 32), ...u32(Math.floor(value / 2 ** 32))];
}

export interface ChunkOptions {
  /** Default the length of the body. */
  readonly size?: number;
  /** Default as the standard says: one zero after an odd body. */
  readonly pad?: readonly number[];
  readonly big?: boolean;
}

export function chunk(id: string, body: readonly number[], options: ChunkOptions = {}): number[] {
  const pad = options.pad ?? (body.length % 2 === 1 ? [0] : []);
  return [...ascii(id), ...u32(options.size ?? body.length, options.big), ...body, ...pad];
}

export interface FmtFields {
  readonly tag?: number;
  readonly channels?: number;
  readonly rate?: number;
  readonly bits?: number;
  readonly align?: number;
  /** Bytes after the first 16. */
  readonly more?: readonly number[];
  readonly big?: boolean;
}

/** The body of a `fmt ` chunk; by default 16-bit mono PCM at 48 kHz. */
export function fmt(fields: FmtFields = {}): number[] {
  const { tag = 1, channels = 1, rate = 48_000, bits = 16, more = [], big = false } = fields;
  const align = fields.align ?? (channels * bits) / 8;
  return [
    ...u16(tag, big),
    ...u16(channels, big),
    ...u32(rate, big),
    ...u32(rate * align, big),
    ...u16(align, big),
    ...u16(bits, big),
    ...more,
  ];
}

const guidTail = [0x80, 0x00, 0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71];

/** What follows the first 16 bytes of WAVEFORMATEXTENSIBLE. */
export function extension(tag: number, valid: number, mask: number, big = false): number[] {
  const guid = [...u32(tag, big), ...u16(0, big), ...u16(0x10, big), ...guidTail];
  return [...u16(22, big), ...u16(valid, big), ...u32(mask, big), ...guid];
}

export interface RiffOptions {
  readonly id?: string;
  /** Default the right one. */
  readonly size?: number;
  readonly big?: boolean;
}

export function riff(
  chunks: readonly (readonly number[])[],
  options: RiffOptions = {},
): Uint8Array {
  const body = [...ascii("WAVE"), ...chunks.flat()];
  const size = u32(options.size ?? body.length, options.big);
  return Uint8Array.from([...ascii(options.id ?? "RIFF"), ...size, ...body]);
}

/** `ds64` without, or with, a table of other large chunks. */
export function ds64(
  sizes: { riff: number; data: number; frames: number },
  table: readonly { id: string; size: number }[] = [],
): number[] {
  const entries = table.flatMap(({ id, size }) => [...ascii(id), ...u64(size)]);
  const fixed = [sizes.riff, sizes.data, sizes.frames].flatMap(u64);
  return chunk("ds64", [...fixed, ...u32(table.length), ...entries]);
}
