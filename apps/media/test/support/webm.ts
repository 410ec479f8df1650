/** A block of a WebM file. */
export interface Block {
  readonly track: number;
  /** In ms. */
  readonly time: number;
  readonly key: boolean;
  readonly data: Uint8Array;
}

export interface Webm {
  /** CodecID by number of track. */
  readonly codecs: ReadonlyMap<number, string>;
  readonly blocks: readonly Block[];
  /** In ms, as the file says it. */
  readonly duration: number | undefined;
  /** Positions of clusters in the segment. */
  readonly cues: readonly number[];
}

// Matroska, RFC 9559 section 5.
const ids = {
  segment: 0x18538067,
  info: 0x1549a966,
  duration: 0x4489,
  cues: 0x1c53bb6b,
  cuePoint: 0xbb,
  cueTrackPositions: 0xb7,
  cueClusterPosition: 0xf1,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  codecId: 0x86,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  blockGroup: 0xa0,
  block: 0xa1,
  simpleBlock: 0xa3,
};
const parents: readonly number[] = [
  ids.segment,
  ids.info,
  ids.cues,
  ids.cuePoint,
  ids.cueTrackPositions,
  ids.tracks,
  ids.trackEntry,
  ids.cluster,
  ids.blockGroup,
];

/** Reads as much of Matroska as our own files have. */
export function parseWebm(bytes: Uint8Array): Webm {
  const codecs = new Map<number, string>();
  const blocks: Block[] = [];
  const cues: number[] = [];
  let [track, cluster] = [0, 0];
  let duration: number | undefined;
  for (const { id, body } of elements(bytes)) {
    if (id === ids.trackNumber) track = number(body);
    if (id === ids.codecId) codecs.set(track, new TextDecoder().decode(body));
    if (id === ids.timestamp) cluster = number(body);
    if (id === ids.duration) duration = new DataView(body.buffer, body.byteOffset).getFloat64(0);
    if (id === ids.cueClusterPosition) cues.push(number(body));
    if (id !== ids.simpleBlock && id !== ids.block) continue;
    const view = new DataView(body.buffer, body.byteOffset);
    const time = cluster + view.getInt16(1);
    const key = id === ids.simpleBlock && (view.getUint8(3) & 0x80) !== 0;
    blocks.push({
      track: view.getUint8(0) & 0x7f,
      time,
      key,
      data: Uint8Array.from(body.subarray(4)),
    });
  }
  return { codecs, blocks, duration, cues };
}

/** Leaves, in order; parents are entered, whether their size is known or not. */
function* elements(bytes: Uint8Array): Generator<{ id: number; body: Uint8Array }, undefined> {
  for (let at = 0; at < bytes.length;) {
    const idBytes = Math.clz32(bytes[at] ?? 0) - 23;
    const id = number(bytes.subarray(at, at + idBytes));
    at += idBytes;
    const first = bytes[at] ?? 0;
    const sizeBytes = Math.clz32(first) - 23;
    const rest = number(bytes.subarray(at + 1, at + sizeBytes));
    const size = (first & (0xff >> sizeBytes)) * 2 ** (8 * (sizeBytes - 1)) + rest;
    at += sizeBytes;
    if (parents.includes(id)) continue;
    yield { id, body: bytes.subarray(at, at + size) };
    at += size;
  }
  return undefined;
}

function number(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}
