/** Matroska, RFC 9559 section 5; Void is EBML's, RFC 8794 section 11.3.1. */
const ids = {
  segment: 0x18538067,
  seekHead: 0x114d9b74,
  info: 0x1549a966,
  duration: 0x4489,
  cluster: 0x1f43b675,
  void: 0xec,
};

interface Element {
  readonly id: number;
  /** Positions: of its ID, of its size, of its data, and behind it. */
  readonly start: number;
  readonly size: number;
  readonly data: number;
  readonly end: number;
}

/**
 * Takes out of newly written elements, in place, what only holds when the file is complete. Until the muxer comes
 * back, a segment and a cluster that it still fills have a size of nothing, and a player would end there: they get
 * an unknown size, as in a live stream, so that the file can be played up to wherever it breaks off. The index that
 * points nowhere and the duration of 0 become Void, which players skip.
 * @param bytes whole elements, from the top level or from within a segment or cluster
 */
export function markUnfinished(bytes: Uint8Array): void {
  let unfinished = false;
  for (let at = 0; at < bytes.length;) {
    const element = elementAt(bytes, at);
    at = element.end;
    if (element.id === ids.segment && element.end < bytes.length) {
      unfinished = true;
      forgetSize(bytes, element);
      at = element.data;
    } else if (element.id === ids.cluster && hasOnlyItsTime(bytes, element)) {
      forgetSize(bytes, element);
    } else if (unfinished && element.id === ids.info) {
      at = element.data;
    } else if (unfinished && (element.id === ids.seekHead || element.id === ids.duration)) {
      makeVoid(bytes, element);
    }
  }
}

function hasOnlyItsTime(bytes: Uint8Array, cluster: Element): boolean {
  return elementAt(bytes, cluster.data).end === cluster.end;
}

/** One byte of ones says it (RFC 8794 section 6.2); some readers know no wider form, so Void takes up the rest. */
function forgetSize(bytes: Uint8Array, { size, data }: Element): void {
  bytes[size] = 0xff;
  bytes[size + 1] = ids.void;
  bytes[size + 2] = 0x80 | (data - size - 3);
}

/** The size takes what is left of the ID, so that the element keeps its length. */
function makeVoid(bytes: Uint8Array, { start, data, end }: Element): void {
  const width = data - start - 1;
  bytes[start] = ids.void;
  let rest = end - data;
  for (let at = data - 1; at > start; at -= 1) {
    bytes[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  bytes[start + 1] = (bytes[start + 1] ?? 0) | (0x80 >> (width - 1));
}

function elementAt(bytes: Uint8Array, start: number): Element {
  const size = start + widthOf(bytes[start]);
  const data = size + widthOf(bytes[size]);
  const marker = 0x80 >> (data - size - 1);
  const first = (bytes[size] ?? 0) & (marker - 1);
  const length = unsigned(bytes.subarray(size + 1, data), first);
  return { id: unsigned(bytes.subarray(start, size), 0), start, size, data, end: data + length };
}

/** Of a variable-size integer, told by how many zeros it starts with (RFC 8794 section 4). */
function widthOf(first = 0): number {
  return Math.clz32(first) - 23;
}

function unsigned(bytes: Uint8Array, high: number): number {
  return bytes.reduce((sum, byte) => sum * 256 + byte, high);
}
