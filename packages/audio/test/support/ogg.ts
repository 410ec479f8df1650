/** What a test wants to say about a page; the rest is right. */
export interface PageInit {
  readonly packets?: readonly Uint8Array[];
  /** Instead of `packets`: any segments. */
  readonly lacing?: readonly number[];
  readonly flags?: number;
  readonly granule?: bigint;
  readonly serial?: number;
  readonly sequence?: number;
  readonly version?: number;
}

export const defaultSerial = 7;

/** CRC bit by bit, straight from RFC 3533: independent of the table of the implementation. */
export function crcOf(bytes: Uint8Array): number {
  let crc = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = at >= 22 && at < 26 ? 0 : (bytes[at] ?? 0);
    for (let bit = 7; bit >= 0; bit -= 1) {
      const out = (crc >>> 31) ^ ((byte >> bit) & 1);
      crc = (crc << 1) >>> 0;
      if (out === 1) crc = (crc ^ 0x04c11db7) >>> 0;
    }
  }
  return crc;
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export function page(init: PageInit = {}): Uint8Array {
  const { packets = [], flags = 0, granule = 0n, serial = defaultSerial, sequence = 0 } = init;
  const body = concat(...packets);
  const lacing = init.lacing ?? packets.flatMap(({ length }) => segmentsOf(length));
  const bytes = new Uint8Array(27 + lacing.length + body.length);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode("OggS"));
  view.setUint8(4, init.version ?? 0);
  view.setUint8(5, flags);
  view.setBigInt64(6, granule, true);
  view.setUint32(14, serial, true);
  view.setUint32(18, sequence, true);
  view.setUint8(26, lacing.length);
  bytes.set(lacing, 27);
  bytes.set(body, 27 + lacing.length);
  view.setUint32(22, crcOf(bytes), true);
  return bytes;
}

function segmentsOf(length: number): number[] {
  return [...Array.from({ length: Math.floor(length / 255) }, () => 255), length % 255];
}

export function head(channels = 2, preSkip = 312, family: readonly number[] = [0]): Uint8Array {
  const bytes = new Uint8Array(18);
  bytes.set(new TextEncoder().encode("OpusHead"));
  const view = new DataView(bytes.buffer);
  view.setUint8(8, 1);
  view.setUint8(9, channels);
  view.setUint16(10, preSkip, true);
  view.setUint32(12, 44_100, true);
  view.setInt16(16, -384, true);
  return concat(bytes, Uint8Array.from(family));
}

export function tags(vendor = "test", comments: readonly string[] = []): Uint8Array {
  const text = (value: string): Uint8Array => {
    const bytes = new TextEncoder().encode(value);
    return concat(uint32(bytes.length), bytes);
  };
  return concat(
    new TextEncoder().encode("OpusTags"),
    text(vendor),
    uint32(comments.length),
    ...comments.map(text),
  );
}

export function uint32(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

export const bos = 2;
export const eos = 4;

/** Both headers, each in its page. */
export function headers(opusHead: Uint8Array = head(), opusTags: Uint8Array = tags()): Uint8Array {
  return concat(
    page({ packets: [opusHead], flags: bos }),
    page({ packets: [opusTags], sequence: 1 }),
  );
}

export interface ParsedPage {
  readonly flags: number;
  readonly granule: bigint;
  readonly serial: number;
  readonly sequence: number;
  readonly lacing: readonly number[];
  readonly body: Uint8Array;
}

/** A reader of its own: no code in common with what it checks. */
export function parsePages(file: Uint8Array): ParsedPage[] {
  const pages: ParsedPage[] = [];
  for (let at = 0; at < file.length;) {
    const view = new DataView(file.buffer, file.byteOffset + at);
    if (view.getUint32(0) !== 0x4f_67_67_53) throw new Error(`no page at ${at}`);
    const segments = view.getUint8(26);
    const lacing = [...file.subarray(at + 27, at + 27 + segments)];
    const size = 27 + segments + lacing.reduce((sum, length) => sum + length, 0);
    const bytes = file.subarray(at, at + size);
    if (bytes.length !== size) throw new Error(`page at ${at} is cut off`);
    if (crcOf(bytes) !== view.getUint32(22, true)) throw new Error(`bad checksum at ${at}`);
    pages.push({
      flags: view.getUint8(5),
      granule: view.getBigInt64(6, true),
      serial: view.getUint32(14, true),
      sequence: view.getUint32(18, true),
      lacing,
      body: bytes.subarray(27 + segments),
    });
    at += size;
  }
  return pages;
}

/** The packets of one stream. */
export function packetsOf(pages: readonly ParsedPage[]): Uint8Array[] {
  const packets: Uint8Array[] = [];
  let open = new Uint8Array(0);
  for (const { lacing, body } of pages) {
    let at = 0;
    for (const length of lacing) {
      open = Uint8Array.from([...open, ...body.subarray(at, at + length)]);
      at += length;
      if (length === 255) continue;
      packets.push(open);
      open = new Uint8Array(0);
    }
  }
  return packets;
}
